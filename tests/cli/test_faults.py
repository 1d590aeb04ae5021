"""Whatever a user gets wrong ends in one line on stderr that names the file or key, code 2, and nothing on the disk."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import logging
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sparsedff import finished, pipeline
from sparsedff.cli.main import main
from sparsedff.visualize.pictures.result import draw_result
from tests.support.commands import unified_optimize
from tests.support.paths import REPOSITORY
from tests.support.small_world import bare_table, make_world


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Overrides of a run that works, and of which each test breaks one thing."""
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(finished, "draw_result", functools.partial(draw_result, width=240))
    # What earlier tests made of the log would hide what this one does with it.
    monkeypatch.setattr(logging, "basicConfig", lambda **_: None)
    return make_world(tmp_path)


def answer(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line of a run that is refused."""
    code = unified_optimize(arguments)
    out, err = capsys.readouterr()
    assert code == 2 and out == ""
    return one_error(err)


NOTES = ("features: ", "masks: ", "shown: ", "test: ", "warning: the demonstrated hand does not touch ")
"""What is said of the models, of the things in the workspaces of the captures shown and test, and of a toy's hand."""


def one_error(stderr: str) -> str:
    """What a person finds on the terminal: at most notes on the models, then one line of error, then nothing."""
    shown = screen(stderr)
    assert "Traceback" not in stderr
    assert [line for line in shown if line.startswith("error: ")] == shown[-1:], shown
    assert all(line.startswith(NOTES) for line in shown[:-1]), shown
    return shown[-1].removeprefix("error: ")


def screen(written: str) -> list[str]:
    """The lines that stand on a terminal after all carriage returns; empty ones left out."""
    lines = []
    for line in written.replace("\x1b[A", "").split("\n"):
        cells: list[str] = []
        for part in line.split("\r"):
            cells[: len(part)] = part
        lines.append("".join(cells).rstrip())
    return [line for line in lines if line]


def nothing_was_left(folder: Path) -> None:
    assert not (folder / "data" / "output").is_symlink()
    assert not (folder / "runs").exists() or not any((folder / "runs").iterdir())


def test_without_a_fault_the_run_works(world: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Else every test below could pass for a wrong reason."""
    assert unified_optimize(world) == 0
    out, err = capsys.readouterr()
    (folder,) = (tmp_path / "runs").iterdir()
    assert out == f"result: {folder}\npicture: {folder / 'result.png'}\n"
    assert all(line.startswith(NOTES) for line in screen(err)), "bars go when they are done"


def test_the_terminal_is_read_as_a_terminal_shows_it() -> None:
    assert screen("optimise  50% |##\roptimise 100% |##\r                  \rerror: x\nlast\n\n") == [
        "error: x",
        "last",
    ]
    assert screen("bar 100%\rerr\n") == ["err 100%"]  # a bar that is not cleared would stay behind the text


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def pickled(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def stored(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    return lambda path: np.save(path, change(np.load(path)))


def nan_focal_length(intrinsics: np.ndarray) -> np.ndarray:
    intrinsics[0, 0] = np.nan
    return intrinsics


def singular_rotation(path: Path) -> None:
    document = json.loads(path.read_text())
    document["camera_poses"]["cam1_to_cam0"]["R"] = np.diag([1.0, 1.0, 0.0]).tolist()
    path.write_text(json.dumps(document))


def singular_intrinsics(path: Path) -> None:
    document = json.loads(path.read_text())
    document["cameras"]["cam0"]["K"] = np.zeros((3, 3)).tolist()
    path.write_text(json.dumps(document))


FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "camera folder missing": ("test/cam1", shutil.rmtree, "camera folder missing or empty"),
    "depth missing": ("shown/cam0/depth.npy", Path.unlink, "no such file"),
    "depth truncated": ("test/cam0/depth.npy", truncate, "truncated or damaged"),
    "colour truncated": ("shown/cam1/colors.npy", truncate, "truncated or damaged"),
    "depth pickled": ("test/cam1/depth.npy", pickled, "pickled objects, which are never loaded"),
    "intrinsics NaN": ("test/cam0/intrinsic.npy", stored(nan_focal_length), "NaN or infinity"),
    "depth all zero": ("test/cam0/depth.npy", stored(np.zeros_like), "zero everywhere"),
    "singular rotation": ("test/calibration.json", singular_rotation, "cam1_to_cam0.R: is singular"),
    "singular intrinsics": ("test/calibration.json", singular_intrinsics, "singular intrinsics"),
    "table pose missing": ("shown/transform.yaml", Path.unlink, "no such file"),
    "pose missing": ("ref_pose_box.npy", Path.unlink, "no file"),
    "pose truncated": ("ref_pose_box.npy", truncate, "not a readable .npy"),
    "pose pickled": ("ref_pose_box.npy", pickled, "not a readable .npy"),
    "pose of the wrong length": ("ref_pose_box.npy", stored(lambda pose: pose[:, :30]), "got (1, 30) float64"),
    "pose NaN": ("ref_pose_box.npy", stored(lambda pose: pose * np.nan), "NaN or infinity"),
}


@pytest.mark.parametrize("fault", FILES)
def test_a_broken_file_is_named_before_any_work(
    world: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    def work(*_: object) -> None:
        raise AssertionError("work began")

    monkeypatch.setattr(pipeline, "compute", work)
    name, damage, message = FILES[fault]
    damage(tmp_path / name)
    line = answer(world, capsys)
    assert str(tmp_path / name) in line and message in line
    nothing_was_left(tmp_path)


SETTINGS: dict[str, tuple[str, str]] = {
    "unknown key": ("alignment.stpes=3", "alignment.stpes: no such key"),
    "unknown section": ("alignmet.starts=3", "did you mean alignment?"),
    "wrong type": ("seed=many", 'seed: "many" is not allowed'),
    "out of range": ("hand_model.pt_nums=20", "hand_model.pt_nums: 20 is not allowed; it must be a whole number"),
    "unknown backbone": ("backbone=dino3", "backbone: no 'dino3'"),
    "unknown method": ("method=votes", 'method: "votes" is not allowed'),
    "no such capture": ("data2=nowhere", "capture 'nowhere'"),
    "no such pose": ("hand_ref_pose_name=nowhere", "ref_pose_nowhere.npy"),
    "unknown convention": ("hand_ref_pose_convention=ros", 'hand_ref_pose_convention: "ros"'),
    "no such device": ("device=tpu9", "device: 'tpu9' cannot be used here"),
    "no such config": ("--config=nowhere.yaml", "nowhere.yaml: no such configuration file"),
    "no override": ("data2", "'data2': an override is key=value"),
}


@pytest.mark.parametrize("fault", SETTINGS)
def test_a_wrong_setting_is_named_before_any_work(
    world: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    def work(*_: object) -> None:
        raise AssertionError("work began")

    monkeypatch.setattr(pipeline, "compute", work)
    argument, message = SETTINGS[fault]
    assert message in answer([*world, argument], capsys)
    nothing_was_left(tmp_path)


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_an_output_path_that_cannot_be_written_is_named_before_any_work(
    world: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], below: str
) -> None:
    def work(*_: object) -> None:
        raise AssertionError("work began")

    monkeypatch.setattr(pipeline, "compute", work)
    (tmp_path / "file").write_text("in the way")
    target = tmp_path / "file" / below
    line = answer([*world, f"output_path={target}"], capsys)
    assert line.startswith(f"output_path: {target} cannot be made or written to")
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_path_without_the_right_to_write(
    world: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    line = answer([*world, f"output_path={tmp_path / 'locked' / 'runs'}"], capsys)
    assert line.startswith(f"output_path: {tmp_path / 'locked' / 'runs'} cannot be made or written to")


@pytest.mark.parametrize("key", ["data1", "data2"])
def test_no_object_on_the_table_names_the_capture(
    world: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, caplog: pytest.LogCaptureFixture
) -> None:
    bare_table(tmp_path, "bare")
    line = answer([*world, f"{key}={tmp_path / 'bare'}"], capsys)
    assert line.startswith(f"capture {tmp_path / 'bare'}: no view shows an object on the table")
    assert "workspace.x" in line and len(caplog.records) == 2
    nothing_was_left(tmp_path)


def test_a_workspace_elsewhere_is_the_same(
    world: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = answer([*world, "workspace.x=[0.2,0.4]", "workspace.y=[0.2,0.4]"], capsys)
    assert line.startswith(f"capture {tmp_path / 'shown'}: no view shows an object") and "(0.2, 0.4)" in line
    nothing_was_left(tmp_path)


def test_pruning_that_leaves_nothing_names_its_key(
    world: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = answer([*world, "method=quotient_match", "dis_threshold=5", "quotient_threshold=1e-6"], capsys)
    assert "quotient_match leaves no point" in line and "dis_threshold" in line
    nothing_was_left(tmp_path)


def test_a_disk_that_fills_up_leaves_nothing(
    world: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(path: Path, array: np.ndarray) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(np, "save", full)
    assert "No space left on device" in answer([*world, "seed=1"], capsys)
    nothing_was_left(tmp_path)


def test_the_verb_answers_as_the_script_does(world: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["transfer", *world, "seed=-1"]) == 2
    assert "seed: -1 is not allowed" in one_error(capsys.readouterr().err)


def read_to_the_end(terminal: int) -> str:
    """What was written to a terminal's other end; Linux reports its closing as an error."""
    pieces = []
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 1 << 16):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()


def test_without_a_terminal_there_are_no_frames(world: list[str]) -> None:
    command = [sys.executable, "scripts/unified_optimize.py", *world]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, timeout=120, text=True)
    assert done.returncode == 0 and "\r" not in done.stderr and "%" not in done.stderr, done.stderr
    assert all(line.startswith(NOTES) for line in done.stderr.splitlines())


def test_for_real_the_bar_makes_room_for_the_error(world: list[str], tmp_path: Path) -> None:
    """A process of its own, with the progress bars of the stages that were under way."""
    bare_table(tmp_path, "bare")
    arguments = [*world, f"data2={tmp_path / 'bare'}"]
    command = [sys.executable, "scripts/unified_optimize.py", *arguments]
    terminal, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 120, 0, 0))
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=theirs) as done:
        os.close(theirs)
        written = read_to_the_end(terminal).replace("\r\n", "\n")
        assert done.stdout is not None and done.stdout.read() == b""
    assert done.returncode == 2
    assert "distil" in written, "no bar was shown: the test shows nothing"
    shown = screen(written)
    assert shown[-1].startswith(f"error: capture {tmp_path / 'bare'}: no view shows an object")
    assert "Traceback" not in written and sum("error:" in line for line in shown) == 1
    assert not any("%" in line for line in shown), shown
    nothing_was_left(tmp_path)
