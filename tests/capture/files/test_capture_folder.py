"""Capture folders: real ones, round trips of any size, names, and the camera machine's freedom from torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsedff.capture.files.capture_folder import find_capture, load_capture, rig_from_views, save_capture
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.lens import depth_to_points
from sparsedff.capture.model import Capture, Rig
from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.geometry import apply
from tests.support.captures import make_capture
from tests.support.paths import REPOSITORY

AUTHORS = REPOSITORY / "configs" / "rig"
KITCHEN = ["kitchen0", "kitchen1", "kitchen2", "kitchen3"]


def assert_same(one: Capture, other: Capture) -> None:
    assert [view.serial for view in one.views] == [view.serial for view in other.views]
    for a, b in zip(one.views, other.views, strict=True):
        for field in ("color_rgb", "depth_m", "intrinsics", "distortion"):
            np.testing.assert_array_equal(getattr(a, field), getattr(b, field))
        np.testing.assert_allclose(a.world_from_camera, b.world_from_camera, atol=1e-12)


@pytest.mark.parametrize("name", ["white_mug_reference", "white_mug_moved"])
def test_real_captures(kitchen: Path, tmp_path: Path, name: str) -> None:
    capture = load_capture(kitchen / name, rig_folder=AUTHORS)  # its own calibration wins
    assert [view.serial for view in capture.views] == KITCHEN
    for view in capture.views:
        assert view.image_size == (640, 480)
        assert view.color_rgb[..., 0].mean() > view.color_rgb[..., 2].mean()  # a warm kitchen: red over blue
        seen = depth_to_points(view.depth_m, view.intrinsics, view.distortion)[view.depth_m > 0]
        points = apply(view.world_from_camera, seen)
        on_table = (np.abs(points[:, :2]) < 0.19).all(axis=1) & (np.abs(points[:, 2]) < 0.01)
        assert on_table.sum() > 2000  # z = 0 is the table in every view
    assert_same(capture, load_capture(save_capture(capture, tmp_path / name)))
    assert_same(capture, load_capture(save_capture(capture, tmp_path / "b", rig=load_rig(kitchen / name, KITCHEN))))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_round_trip_of_any_size_and_number(
    tmp_path_factory: pytest.TempPathFactory, cameras: int, width: int, height: int, seed: int, points: bool
) -> None:
    capture = make_capture(cameras, width, height, seed)
    folder = tmp_path_factory.mktemp("captures") / "toy"
    save_capture(capture, folder, points=points)
    loaded = load_capture(folder)
    assert (loaded.name, loaded.path) == ("toy", folder)
    assert_same(capture, loaded)
    assert (folder / capture.views[0].serial / "points.npy").exists() == points


def test_files_are_those_of_the_format(tmp_path: Path) -> None:
    capture = make_capture(1, 64, 48)
    view = capture.views[0]
    save_capture(capture, tmp_path / "toy", points=True)
    folder = tmp_path / "toy" / view.serial
    np.testing.assert_array_equal(np.load(folder / "colors.npy"), view.color_rgb[..., ::-1])
    np.testing.assert_array_equal(cv2.imread(str(folder / "colors.png")), view.color_rgb[..., ::-1])
    depth_mm, points_mm = np.load(folder / "depth.npy"), np.load(folder / "points.npy")
    assert (depth_mm.dtype, points_mm.dtype, points_mm.shape) == (np.uint16, np.int16, (48, 64, 3))
    np.testing.assert_array_equal(points_mm[..., 2], depth_mm)
    seen = depth_mm > 500  # projecting the points with distortion gives back the pixels, to the rounding of 1 mm
    pixels, _ = cv2.projectPoints(
        points_mm[seen].astype(np.float64), np.zeros(3), np.zeros(3), view.intrinsics, view.distortion
    )
    expected = np.stack(np.meshgrid(np.arange(64), np.arange(48)), axis=-1)[seen]
    assert np.abs(pixels[:, 0] - expected).max() < 0.3


def test_a_capture_without_calibration_takes_the_rigs(tmp_path: Path) -> None:
    capture = make_capture(3)
    rig = rig_from_views(capture)
    save_capture(capture, tmp_path / "whole")
    shutil.copytree(tmp_path / "whole", tmp_path / "rig", ignore=shutil.ignore_patterns("0*"))
    bare = shutil.copytree(tmp_path / "whole", tmp_path / "bare", ignore=shutil.ignore_patterns("*.json", "*.yaml"))
    assert_same(capture, load_capture(bare, tmp_path / "rig"))
    with pytest.raises(CalibrationError, match=r"bare/calibration\.json: no such file"):
        load_capture(bare)
    with pytest.raises(CalibrationError, match=r"camera 000005 is not in the rig, which has 000299113912"):
        load_capture(bare, AUTHORS)
    (tmp_path / "rig" / "rig.yaml").unlink()  # without names the order serves
    assert [view.serial for view in load_capture(bare, tmp_path / "rig").views] == sorted(
        camera.serial for camera in rig.cameras
    )
    # A capture's own rig.yaml may go with the rig's calibration, and may leave a camera out.
    (tmp_path / "bare" / "rig.yaml").write_text('serials: {cam0: "000005", cam2: "000019"}')
    shutil.rmtree(tmp_path / "bare" / "000012")
    views = load_capture(bare, tmp_path / "rig").views
    np.testing.assert_allclose(views[1].world_from_camera, capture.views[2].world_from_camera, atol=1e-12)


def test_own_calibration_wins_and_is_whole(tmp_path: Path) -> None:
    capture = make_capture(2)
    save_capture(capture, tmp_path / "one")
    save_capture(make_capture(2, seed=1), tmp_path / "other")
    assert_same(capture, load_capture(tmp_path / "one", tmp_path / "other"))
    (tmp_path / "one" / "transform.yaml").unlink()
    with pytest.raises(CalibrationError, match=r"one/transform\.yaml: no such file, but calibration\.json is there"):
        load_capture(tmp_path / "one", tmp_path / "other")


def test_intrinsics_fall_back_to_the_rig_scaled_to_the_image(tmp_path: Path) -> None:
    capture = make_capture(1, 80, 60)
    save_capture(capture, tmp_path / "toy")
    serial = capture.views[0].serial
    for name in ("intrinsic.npy", "distortion.npy"):
        (tmp_path / "toy" / serial / name).unlink()
    assert_same(capture, load_capture(tmp_path / "toy"))
    change_size(tmp_path / "toy", [160, 120])
    halved = load_capture(tmp_path / "toy").views[0].intrinsics
    k = capture.views[0].intrinsics
    assert np.isclose(halved[0, 0], k[0, 0] / 2) and np.isclose(halved[1, 1], k[1, 1] / 2)
    # The image's left edge, -0.5, stays the left edge.
    assert np.isclose((-0.5 - halved[0, 2]) / halved[0, 0], (-0.5 - k[0, 2]) / k[0, 0])
    change_size(tmp_path / "toy", [160, 100])
    with pytest.raises(CalibrationError, match=r"intrinsic\.npy: no such file, and the rig's .* cannot be scaled"):
        load_capture(tmp_path / "toy")


def change_size(folder: Path, size: list[int]) -> None:
    document = json.loads((folder / "calibration.json").read_text())
    document["cameras"]["cam0"]["image_size"] = size
    (folder / "calibration.json").write_text(json.dumps(document))


def test_save_takes_only_the_rig_that_was_there(tmp_path: Path) -> None:
    capture = make_capture(3)
    rig = rig_from_views(capture)
    part = Capture("part", capture.views[:2])
    assert_same(part, load_capture(save_capture(part, tmp_path / "part", rig=rig)))
    with pytest.raises(CalibrationError, match="its pose is not the rig's"):
        save_capture(capture, tmp_path / "no", rig=Rig(rig.cameras, np.eye(4)))
    with pytest.raises(CalibrationError, match="is not in the rig"):
        save_capture(capture, tmp_path / "no", rig=rig_from_views(part))
    assert [path.name for path in tmp_path.iterdir()] == ["part"]


def test_find_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_capture(make_capture(1), tmp_path / "first" / "monkey")
    save_capture(make_capture(1), tmp_path / "second" / "monkey")
    save_capture(make_capture(1), tmp_path / "second" / "mug")
    search = [tmp_path / "absent", tmp_path / "first", str(tmp_path / "second")]
    assert find_capture("monkey", search) == tmp_path / "first" / "monkey"
    assert find_capture("mug", search) == tmp_path / "second" / "mug"
    assert find_capture(tmp_path / "second" / "monkey", search) == tmp_path / "second" / "monkey"
    monkeypatch.chdir(tmp_path / "second")
    assert find_capture("monkey", search) == Path("monkey")  # a path wins
    with pytest.raises(CaptureError, match=r"there are: monkey, mug; .*capture_3d\.py --save.*bash download\.sh"):
        find_capture("bottle", search)
    with pytest.raises(CaptureError, match=r"'20231010_monkey_test': .* monkey, mug; `bash download\.sh` brings"):
        find_capture("20231010_monkey_test", search)
    for nothing in ("", "../absent", "/absent"):
        with pytest.raises(CaptureError, match="there are none"):
            find_capture(nothing, [])


def test_the_camera_machine_needs_no_torch() -> None:
    modules = [path.stem for path in (REPOSITORY / "sparsedff" / "capture").glob("*.py") if path.stem != "__init__"]
    # The camera drivers' own file is imported where the driver is; the rest must import anywhere.
    statement = "".join(f"import sparsedff.capture.{name}\n" for name in modules)
    code = f"import sys\n{statement}assert not {{'torch', 'open3d', 'pyk4a'}} & set(sys.modules), 'heavy import'"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=REPOSITORY)
