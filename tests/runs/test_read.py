"""A run read back is the run that was written; a damaged one is refused by the name of its file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from sparsedff.errors import RunError
from sparsedff.runs.read import load_run
from tests.support.transfer_toys import demonstration


@pytest.fixture
def copy(small_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run, tmp_path / "run"))


def test_a_run_is_read_back(copy: Path) -> None:
    run = load_run(copy)
    assert run.names == ("shown", "test") and run.power == 4
    np.testing.assert_array_equal(run.clouds[1].points, np.load(copy / "points_1.npy"))
    assert run.demonstration is not None
    np.testing.assert_allclose(run.demonstration.vector(), demonstration().vector(), atol=1e-6)
    np.testing.assert_allclose(run.trajectory[-1].row(), run.pose.row(), atol=1e-9)


def test_the_papers_own_folder_has_no_report_and_colours_from_0_to_1(copy: Path) -> None:
    expected = np.load(copy / "colors_0.npy")
    (copy / "result.json").unlink()
    np.save(copy / "colors_0.npy", expected / 255.0)
    run = load_run(copy)
    assert run.demonstration is None and run.names == ("reference", "test")
    np.testing.assert_array_equal(run.clouds[0].colors, expected)


def damage(folder: Path, fault: str) -> str:
    """Do it, and return what the message must name."""
    if fault == "missing":
        (folder / "best_X.npy").unlink()
        return "best_X.npy"
    if fault == "truncated":
        path = folder / "features_1.npy"
        path.write_bytes(path.read_bytes()[:200])
        return "features_1.npy"
    if fault == "lengths":
        np.save(folder / "colors_1.npy", np.zeros((3, 3), np.uint8))
        return "colors_1.npy"
    if fault == "nan":
        np.save(folder / "points_0.npy", np.full((4, 3), np.nan))
        return "points_0.npy"
    if fault == "channels":
        features = np.load(folder / "features_1.npy")
        np.save(folder / "features_1.npy", features[:, :5])
        return "5 channels"
    if fault == "pickle":
        np.save(folder / "best_X.npy", np.array([{}] * 30), allow_pickle=True)
        return "best_X.npy"
    if fault == "json":
        (folder / "result.json").write_text("{")
        return "result.json"
    report = json.loads((folder / "result.json").read_text())
    del report["demonstrated_pose"]["joints_rad"]["FFJ3"]
    (folder / "result.json").write_text(json.dumps(report))
    return "demonstrated_pose"


REPORTS: dict[str, object] = {
    "config": [],
    "config.field": 3,
    "config.field.power": "4",
    "config.alignment": None,
    "config.alignment.weights": [1],
    "config.alignment.weights.feature": [],
    "energy_terms": 1.0,
    "energy_terms.feature": [],
    "best_start": [],
}


@pytest.mark.parametrize("place", [*REPORTS, "best_start beyond"])
def test_a_report_that_was_changed_is_refused_and_not_only_when_it_is_shown(copy: Path, place: str) -> None:
    report = json.loads((copy / "result.json").read_text())
    *sections, key = place.split()[0].split(".")
    inside = report
    for name in sections:
        inside = inside[name]
    inside[key] = REPORTS.get(place, 99)
    (copy / "result.json").write_text(json.dumps(report))
    with pytest.raises(RunError, match=r"result.json: (config|energy_terms|best_start)"):
        load_run(copy)


@pytest.mark.parametrize("fault", ["missing", "truncated", "lengths", "nan", "channels", "pickle", "json", "joint"])
def test_damage_is_named_in_one_line(copy: Path, fault: str) -> None:
    named = damage(copy, fault)
    with pytest.raises(RunError) as caught:
        load_run(copy)
    assert named in str(caught.value) and "\n" not in str(caught.value) and "unified_optimize" in str(caught.value)


def test_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run here"):
        load_run(tmp_path)
