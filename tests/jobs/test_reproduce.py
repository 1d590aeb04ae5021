"""A run made again: the same bits here, a bound elsewhere, and a refusal where its inputs have changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparsedff import finished, pipeline
from sparsedff.cli.main import main
from sparsedff.config.config import load_config
from sparsedff.errors import RunError
from sparsedff.jobs.reproduce import MOST_HAND_M, Again, lines, reproduce
from tests.support.paths import REPOSITORY
from tests.support.small_world import make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """The folder of captures and pose, and that of a run on them."""
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        patch.setattr(finished, "draw_result", lambda *_, **__: None)
        yield folder, pipeline.run(load_config("configs/config.yaml", [*make_world(folder), "threads=1"]))


def told(folder: Path) -> tuple[list[str], int]:
    """What a reproduction says, and its exit code."""
    said: list[str] = []
    again = reproduce(folder)
    while True:
        try:
            said.append(next(again))
        except StopIteration as end:
            return said, end.value


def edited(run: Path, into: Path, change: Any) -> Path:
    """A copy of the run's result.json, changed; nothing else of the run is needed."""
    into.mkdir()
    report = json.loads((run / "result.json").read_text())
    change(report)
    (into / "result.json").write_text(json.dumps(report))
    return into


def test_a_run_is_made_again_to_the_bit_from_its_report_alone(world, tmp_path: Path, capsys) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(world[1] / "result.json", alone)
    assert main(["reproduce", str(alone)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "the same to the last bit"
    assert [path.name for path in alone.iterdir()] == ["result.json"]


def test_another_result_on_the_same_machine_is_not_the_same(world, tmp_path: Path) -> None:
    def warmer(report: dict[str, Any]) -> None:
        report["energy"] = float(np.nextafter(report["energy"], 2))

    said, code = told(edited(world[1], tmp_path / "run", warmer))
    assert code == 1 and said[-1].startswith("not the same, though machine, versions and threads are the same")


def test_what_changed_on_another_machine_is_named_and_small_changes_are_taken() -> None:
    near = Again(False, 3e-6, 0.1 * MOST_HAND_M, ("threads: 1 there, 2 here",))
    assert near.holds and lines(near)[0] == "- threads: 1 there, 2 here" and "within the bound" in lines(near)[-1]
    assert not Again(False, 3e-6, 2 * MOST_HAND_M, near.elsewhere).holds
    assert not Again(False, 0.02, 0.0, near.elsewhere).holds
    assert not Again(False, 3e-6, 0.0, ()).holds and Again(True, 0.0, 0.0, ()).holds


def test_changed_inputs_are_refused_by_name(world, tmp_path: Path) -> None:
    folder, run = world
    cases = {
        "data2's cam1": folder / "test" / "cam1" / "depth.npy",
        "hand_ref_pose_name: the demonstrated pose": folder / "ref_pose_box.npy",
    }
    for says, path in cases.items():
        before = path.read_bytes()
        array = np.load(path)
        array[..., -1] += 1 if array.dtype.kind == "u" else 0.01
        np.save(path, array)
        with pytest.raises(RunError, match=rf"result\.json: .*{says} .*changed.*cannot be made again"):
            told(run)
        path.write_bytes(before)


def test_a_report_that_says_too_little_is_one_line(world, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such file; name the folder of a run"):
        told(tmp_path)
    short = edited(world[1], tmp_path / "old", lambda report: report.pop("made_from"))
    with pytest.raises(RunError, match="does not say what the run was made from"):
        told(short)


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report.update(config=[]),
        lambda report: report.update(machine=3),
        lambda report: report["made_from"].update(captures=[]),
        lambda report: report["made_from"]["captures"][0].update(views="none"),
        lambda report: report.pop("models"),
        lambda report: report["best_pose"].update(translation_m=[1, "x"]),
    ],
)
def test_a_report_of_strangers_is_refused_in_one_line(world, tmp_path: Path, change: Any) -> None:
    with pytest.raises(RunError, match="does not say what the run was made from") as caught:
        told(edited(world[1], tmp_path / "run", change))
    assert "\n" not in str(caught.value)


def test_result_json_has_the_hashes_of_all_that_decides_it(world) -> None:
    report = json.loads((world[1] / "result.json").read_text())
    views = [view for capture in report["made_from"]["captures"] for view in capture["views"]]
    assert len(views) == 4 and all({"serial", "color", "depth", "calibration"} == set(view) for view in views)
    assert all(len(view[key]) == 64 for view in views for key in ("color", "depth", "calibration"))
    assert len(report["made_from"]["demonstration_sha256"]) == 64
    assert report["machine"]["threads"] == 1 and report["machine"]["processor"]
    assert set(report["checks"]) == {"reference", "test", "hand", "unlike"} and isinstance(report["doubts"], list)
