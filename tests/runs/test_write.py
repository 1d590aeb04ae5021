"""What a run leaves: its own folder or nothing, the newest link, the known files with their shapes, honest JSON."""

from __future__ import annotations

import errno
import json
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh

from sparsedff.errors import RunError
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import ApproachSettings
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.runs import write as runs
from sparsedff.runs.write import point_to_newest, pose_entry, report, run_folder, versions, write_arrays, write_json
from sparsedff.transfer.candidates import StartRecord
from sparsedff.transfer.result import TransferResult
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.starts import Starts, starts_above
from sparsedff.transfer.transfer import transfer
from tests.support.hand_oracle import random_pose
from tests.support.transfer_toys import HAND_POINTS, cloud, demonstration, moved_cloud, planar, toy_energy, toy_hand

WHERE = planar(30, 0.05)


@pytest.fixture(scope="module")
def result() -> TransferResult:
    points = moved_cloud(WHERE).points
    starts = starts_above(points, demonstration(), 3, 3, (0.1, 0.15), np.random.default_rng(0))
    schedule = AlignmentSettings(opt_iterations=20, drop_at=(5,), keep_starts=(2,))
    return transfer(toy_energy(WHERE), demonstration(), Starts(tuple(starts)), schedule, ApproachSettings(), seed=0)


def test_a_run_gets_a_folder_of_time_and_label(tmp_path: Path) -> None:
    with run_folder(tmp_path / "runs", "a-to-b-seed3") as (building, final):
        assert building.is_dir() and not final.exists() and building.name.startswith(".")
        (building / "file").write_text("content")
    assert (final / "file").read_text() == "content" and [p.name for p in final.parent.iterdir()] == [final.name]
    assert re.fullmatch(r"\d{8}-\d{6}-a-to-b-seed3", final.name)


def test_runs_of_one_second_get_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 1, 2, 3, 4, 5)

    monkeypatch.setattr(runs, "datetime", Stopped)
    for number in range(3):
        with run_folder(tmp_path, "x") as (building, _):
            (building / "number").write_text(str(number))
    # Two that are filled at the same time do not find each other's name taken when they are done.
    with run_folder(tmp_path, "x") as (slow, _), run_folder(tmp_path, "x") as (fast, _):
        (slow / "number").write_text("3")
        (fast / "number").write_text("4")
    names = ["20260102-030405-x", *(f"20260102-030405-x-{number}" for number in range(2, 6))]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert [(tmp_path / name / "number").read_text() for name in names] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("error", [ValueError("a fault"), KeyboardInterrupt()])
def test_a_run_that_fails_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), run_folder(tmp_path, "x") as (building, _):
        (building / "half").write_text("half")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_the_link_follows_the_newest_run(tmp_path: Path) -> None:
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "two").mkdir()
    (tmp_path / "data").mkdir()
    link = tmp_path / "data" / "output"
    for name in ("one", "two", "gone", "one"):
        if name == "gone":
            (tmp_path / "runs" / "two").rename(tmp_path / "runs" / "elsewhere")  # the link dangles now
            continue
        point_to_newest(link, tmp_path / "runs" / name)
        assert link.is_symlink() and link.resolve() == (tmp_path / "runs" / name).resolve()
        assert not Path(link.readlink()).is_absolute()  # moves with the repository
    assert [path.name for path in link.parent.iterdir()] == ["output"]


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_no_link_is_left_alone(tmp_path: Path, kind: str) -> None:
    link = tmp_path / "output"
    if kind == "folder":
        link.mkdir()
        (link / "mine").write_text("precious")
    else:
        link.write_text("precious")
    point_to_newest(link, tmp_path)
    assert not link.is_symlink()
    assert (link / "mine" if kind == "folder" else link).read_text() == "precious"


def test_the_known_files_have_their_shapes_and_agree_with_each_other(tmp_path: Path, result: TransferResult) -> None:
    hand, energy, clouds = toy_hand(), toy_energy(WHERE), (cloud(), moved_cloud(WHERE))
    write_arrays(tmp_path, clouds, energy, result)
    known = {f"{name}_{i}.npy" for name in ("points", "features", "colors") for i in (0, 1)}
    known |= {"views_0.npy", "views_1.npy"}
    known |= {"des_ori.npy", "des_final.npy", "execution_traj.npy", "pcd_traj.npy", "best_X.npy"}
    assert {path.name for path in tmp_path.iterdir()} == known | {"X_mesh.stl", "vquery_mesh.stl", "history.npz"}
    found = {name.removesuffix(".npy"): np.load(tmp_path / name, allow_pickle=False) for name in known}
    for index, one in enumerate(clouds):
        for name in ("points", "features", "colors"):
            np.testing.assert_array_equal(found[f"{name}_{index}"], getattr(one, name))
        np.testing.assert_array_equal(found[f"views_{index}"], one.view_index)
    poses = len(result.trajectory)
    assert found["execution_traj"].shape == (poses, 30) and found["pcd_traj"].shape == (poses, HAND_POINTS, 3)
    assert found["des_ori"].shape == found["des_final"].shape == (HAND_POINTS, 6) and found["best_X"].shape == (30,)
    np.testing.assert_array_equal(found["best_X"], result.pose.row())
    np.testing.assert_array_equal(found["execution_traj"][-1], found["best_X"])
    for row, surface in zip(found["execution_traj"], found["pcd_traj"], strict=True):
        np.testing.assert_allclose(hand.surface_of(HandPose.from_row(row)), surface, atol=1e-6)
    np.testing.assert_allclose(found["des_ori"], energy.goal.targets.numpy(), atol=1e-6)
    there = energy.goal.field.values(torch.tensor(found["pcd_traj"][-1]).double())
    np.testing.assert_allclose(found["des_final"], there.numpy(), atol=1e-6)
    for name, pose in (("X_mesh", result.pose), ("vquery_mesh", result.demonstration)):
        mesh = trimesh.load(tmp_path / f"{name}.stl", process=False)
        vertices, faces = hand.mesh(pose)
        np.testing.assert_allclose(mesh.triangles, vertices[faces], atol=1e-6)


CONFIG = {"seed": 7, "device": None, "alignment": {"opt_iterations": 6}}


def report_of(result: TransferResult) -> dict:
    return report(CONFIG, {"load": 0.12345}, (cloud(), moved_cloud(WHERE)), toy_energy(WHERE), result)


def test_the_report_says_what_was_found(tmp_path: Path, result: TransferResult) -> None:
    write_json(tmp_path / "result.json", report_of(result))
    found = json.loads((tmp_path / "result.json").read_text())
    assert found["seed"] == 7 and found["device"] == "cpu" and found["seconds"] == {"load": 0.123}
    assert found["channels"] == 6 and found["config"] == CONFIG
    assert found["energy"] == result.energy and found["energy_terms"] == result.terms
    assert found["best_start"] == result.best_start and len(found["starts_energy"]) == 3
    for entry, start in zip(found["starts_energy"], result.starts, strict=True):
        assert entry == {"first": start.first_energy, "last": start.last_energy, "dropped_at": start.dropped_at}
    assert [entry["dropped_at"] for entry in found["starts_energy"]].count(5) == 1
    best = found["best_pose"]
    np.testing.assert_array_equal(best["translation_m"], result.pose.translation)
    np.testing.assert_array_equal(best["rotation_matrix"], result.pose.rotation)
    assert best["joints_rad"] == dict(zip(JOINT_NAMES, result.pose.joints.tolist(), strict=True))
    assert found["demonstrated_pose"]["translation_m"] == demonstration().translation.tolist()


def test_a_start_that_left_the_finite_numbers_is_null(tmp_path: Path, result: TransferResult) -> None:
    lost = replace(result, starts=(*result.starts, StartRecord(float("inf"), float("nan"), 5)))
    write_json(tmp_path / "result.json", report_of(lost))
    assert json.loads((tmp_path / "result.json").read_text())["starts_energy"][-1] == {
        "first": None,
        "last": None,
        "dropped_at": 5,
    }


def test_json_has_no_word_for_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_poses_and_versions_in_words() -> None:
    pose = random_pose(3)
    entry = pose_entry(pose, JOINT_NAMES)
    assert entry["joints_rad"]["THJ0"] == pose.joints[21] and list(entry["joints_rad"]) == list(JOINT_NAMES)
    found = versions()
    assert found["torch"] == torch.__version__ and found["numpy"] == np.__version__
    assert {"python", "sparsedff", "mujoco"} <= set(found)


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    message = r"cannot be saved there \(No space left on device\); make room"
    with pytest.raises(RunError, match=message), run_folder(tmp_path, "x") as (building, _):
        (building / "half").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_label_of_any_length_is_a_name(tmp_path: Path) -> None:
    with run_folder(tmp_path, "ä" * 300) as (_, final):
        pass
    assert final.is_dir() and len(final.name.encode()) < 240


def test_a_link_that_cannot_be_made_loses_no_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "run").mkdir()
    point_to_newest(tmp_path / "file" / "output", tmp_path / "run")
    assert "cannot be pointed to the newest run" in caplog.text and str(tmp_path / "run") in caplog.text
