"""`sparsedff bop`: a data set of a procedural object is consistent with itself, and its truth has every recall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from sparsedff.bop.captures import load_views
from sparsedff.bop.dataset import Dataset
from sparsedff.bop.images import read_mask
from sparsedff.bop.metrics.points import mssd
from sparsedff.bop.results import Estimate, write_results
from sparsedff.bop.scene_files import read_scene
from sparsedff.bop.score import model_of
from sparsedff.cli.main import main
from sparsedff.geometry import apply, inverse, transform, unproject


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bop") / "box"
    words = ["bop", "make", "box", "1", "--output", str(folder), "pairs.width_px=240", "pairs.cameras=2"]
    assert main(words) == 0
    return folder


def test_depth_lies_on_the_model_where_the_mask_says(made: Path) -> None:
    dataset = Dataset(made)
    scene = dataset.scene("test", 1)
    model = dataset.mesh(1)
    for im_id, frame in read_scene(scene).items():
        (instance,) = frame.instances
        view = load_views(scene, [im_id]).views[0]
        shown = read_mask(scene, "mask_visib", im_id, 0) & (view.depth_m > 0)
        assert shown.sum() > 60 and instance.visibility is not None and instance.visibility.visib_fract > 0.95
        rows, columns = np.nonzero(shown)
        points = unproject(np.stack([columns, rows], axis=1), view.depth_m[shown], view.intrinsics)
        off, _ = cKDTree(model.vertices).query(apply(inverse(instance.camera_from_model), points))
        assert np.median(off) < 0.003  # half a cell of the mesh, and the sensor's noise
    poses = [
        inverse(frame.camera.camera_from_world) @ frame.instances[0].camera_from_model
        for frame in read_scene(scene).values()
        if frame.camera.camera_from_world is not None
    ]
    assert len(poses) == 2 and np.allclose(poses[0], poses[1], atol=1e-9)  # one object, seen by two cameras
    lowest = apply(poses[0], np.asarray(model.vertices))[:, 2].min()
    assert abs(lowest) < 1e-4  # it stands on the table


def test_the_box_is_symmetric_by_half_a_turn(made: Path) -> None:
    model = model_of(Dataset(made), 1)
    assert len(model.symmetries) == 2
    assert mssd(model.symmetries[1], np.eye(4), model.points, model.symmetries[:1]) > 0.5 * model.diameter_m
    turned = apply(model.symmetries[1], model.points)  # onto itself, but for the mesh's grid
    assert cKDTree(model.points).query(turned)[0].max() < 0.003


def test_eval_prints_the_recalls(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    turn = model_of(Dataset(made), 1).symmetries[1]
    rows = [
        Estimate(1, im_id, 1, 1.0, frame.instances[0].camera_from_model @ turn, 0.5)
        for im_id, frame in read_scene(made / "test/000001").items()
    ]
    write_results(rows, tmp_path / "own_box-test.csv")
    assert main(["bop", "eval", str(tmp_path / "own_box-test.csv"), str(made)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["object", "targets", "AR", "VSD", "MSSD", "MSPD", "ADD(-S)"]
    assert lines[1].split()[:2] == ["1", "2"] and float(lines[1].split()[2]) > 0.95
    assert lines[2].split()[0] == "all" and lines[-1].startswith("time per image: 0.500 s")


def test_errors_are_one_line(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("1,0,1,1.0,1 0 0 0 1 0 0 0 1,0 0 500,-1\n")
    for words, says in (
        (["make", "box", "1", "--output", str(made)], "exists"),
        (["make", "box", "0", "--output", str(tmp_path / "x")], "at least one scene"),
        (["make", "sofa", "1", "--output", str(tmp_path / "x")], "no family"),
        (["eval", str(tmp_path / "no.csv"), str(made)], "no such file"),
        (["eval", str(tmp_path / "a.csv"), str(tmp_path)], "models"),
        (["eval", str(tmp_path / "a.csv"), str(made), "--split", "val"], "there are test"),
        (["split", str(made), "--share", "2"], "between 0 and 1"),
    ):
        assert main(["bop", *words]) == 2
        error = capsys.readouterr().err
        assert says in error and error.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_a_shifted_estimate_is_worse(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shift = transform(np.eye(3), np.array([0.05, 0.0, 0.0]))
    rows = [
        Estimate(1, im_id, 1, 1.0, shift @ frame.instances[0].camera_from_model)
        for im_id, frame in read_scene(made / "test/000001").items()
    ]
    write_results(rows, tmp_path / "a.csv")
    assert main(["bop", "eval", str(tmp_path / "a.csv"), str(made)]) == 0
    diameter = Dataset(made).info(1).diameter_m
    passed = np.mean([share * diameter > 0.05 for share in np.arange(1, 11) / 20])
    assert float(capsys.readouterr().out.splitlines()[1].split()[4]) == pytest.approx(passed, abs=1e-3)
