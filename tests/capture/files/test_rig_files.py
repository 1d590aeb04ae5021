"""Rig files: round trips, the authors' numbers, and every way in which they can be wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsedff.capture.files.capture_folder import rig_from_views
from sparsedff.capture.files.rig_files import load_cam2base, load_rig, save_rig
from sparsedff.capture.files.serials import natural_order
from sparsedff.capture.model import Rig
from sparsedff.errors import CalibrationError
from tests.support.captures import make_capture
from tests.support.paths import REPOSITORY

AUTHORS = REPOSITORY / "configs" / "rig"
SERIALS = ["000299113912", "000272313912", "000285613912", "000262413912"]


@pytest.fixture
def rig_folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(AUTHORS, tmp_path / "rig"))


def assert_same(one: Rig, other: Rig) -> None:
    assert [(c.name, c.serial, c.image_size) for c in one.cameras] == [
        (c.name, c.serial, c.image_size) for c in other.cameras
    ]
    np.testing.assert_allclose(one.cam0_from_world, other.cam0_from_world, atol=1e-12)
    for a, b in zip(one.cameras, other.cameras, strict=True):
        np.testing.assert_array_equal(a.intrinsics, b.intrinsics)
        np.testing.assert_array_equal(a.distortion, b.distortion)
        np.testing.assert_allclose(a.camera_from_cam0, b.camera_from_cam0, atol=1e-12)


def test_authors_rig_by_serial() -> None:
    rig = load_rig(AUTHORS)
    assert [camera.serial for camera in rig.cameras] == SERIALS
    assert rig.camera("000272313912").intrinsics[0, 0] == 1860.0279814261326
    assert rig.camera("000299113912").distortion.tolist()[5:] == [0, 0, 0]  # five numbers, filled up
    for serial in SERIALS:  # all look at the table from above and from within its reach
        x, y, z = rig.world_from_camera(serial)[:3, 3]
        assert abs(x) < 1 and abs(y) < 1 and 0.3 < z < 1.5


def test_poses_agree_with_the_official_functions(golden_camera: dict[str, np.ndarray]) -> None:
    rig = load_rig(AUTHORS)
    for camera, camera_from_world_mm in zip(rig.cameras, golden_camera["world2cam"], strict=True):
        ours = camera.camera_from_cam0 @ rig.cam0_from_world
        np.testing.assert_allclose(ours[:3, :3], camera_from_world_mm[:3, :3], atol=1e-9)
        np.testing.assert_allclose(ours[:3, 3] * 1000, camera_from_world_mm[:3, 3], atol=1e-6)
        np.testing.assert_allclose(np.linalg.inv(ours), rig.world_from_camera(camera.serial), atol=1e-9)


def test_robot_base_agrees_but_for_the_published_unit_slip(golden_camera: dict[str, np.ndarray]) -> None:
    base_from_cam0 = load_cam2base(AUTHORS)
    base_from_world = base_from_cam0 @ load_rig(AUTHORS).cam0_from_world
    published_mm = golden_camera["world2base"].copy()
    np.testing.assert_allclose(base_from_world[:3, :3], published_mm[:3, :3], atol=1e-7)
    published_mm[:3, 3] += 999 * base_from_cam0[:3, 3]  # they add it in metres to millimetres
    np.testing.assert_allclose(base_from_world[:3, 3] * 1000, published_mm[:3, 3], atol=1e-4)


def test_round_trip_of_the_authors_rig_keeps_cam2base(rig_folder: Path, tmp_path: Path) -> None:
    rig = load_rig(rig_folder)
    save_rig(rig, rig_folder)
    assert_same(rig, load_rig(rig_folder))
    np.testing.assert_array_equal(load_cam2base(rig_folder), load_cam2base(AUTHORS))
    save_rig(rig, tmp_path / "other")
    with pytest.raises(CalibrationError, match=r"transform\.yaml: cam2base: missing"):
        load_cam2base(tmp_path / "other")


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 13), st.integers(0, 2**32 - 1))
def test_round_trip_of_any_number_of_cameras(tmp_path_factory: pytest.TempPathFactory, cameras: int, seed: int) -> None:
    rig = rig_from_views(make_capture(cameras, seed=seed))
    folder = tmp_path_factory.mktemp("rig")
    save_rig(rig, folder)
    assert_same(rig, load_rig(folder))


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0, 0.8)])
def test_half_turns_survive_the_quaternion(tmp_path: Path, axis: tuple[float, float, float]) -> None:
    rig = load_rig(AUTHORS)
    half_turn = np.eye(4)
    half_turn[:3, :3] = 2 * np.outer(axis, axis) - np.eye(3)
    save_rig(Rig(rig.cameras, half_turn), tmp_path)
    np.testing.assert_allclose(load_rig(tmp_path).cam0_from_world, half_turn, atol=1e-12)


def test_without_rig_yaml_serials_follow_their_order(rig_folder: Path) -> None:
    (rig_folder / "rig.yaml").unlink()
    assert [c.serial for c in load_rig(rig_folder, ["d", "b", "a", "c"]).cameras] == ["a", "b", "c", "d"]
    assert [c.serial for c in load_rig(rig_folder).cameras] == ["cam0", "cam1", "cam2", "cam3"]
    assert [c.serial for c in load_rig(rig_folder, {"cam2": "x", "cam0": "y"}).cameras] == ["x", "y"]
    with pytest.raises(CalibrationError, match="calibrates 4 cameras but there are 3"):
        load_rig(rig_folder, ["a", "b", "c"])


def test_natural_order() -> None:
    assert natural_order(["cam10", "cam9", "cam0"]) == ["cam0", "cam9", "cam10"]
    assert natural_order(SERIALS) == sorted(SERIALS)
    assert natural_order(["b", "2", "a", "10", "02"]) == ["02", "2", "10", "a", "b"]


def test_rig_yaml_may_name_part_of_the_cameras(rig_folder: Path) -> None:
    (rig_folder / "rig.yaml").write_text('serials: {cam2: "one"}\n')
    (camera,) = load_rig(rig_folder).cameras
    assert (camera.name, camera.serial) == ("cam2", "one")
    np.testing.assert_allclose(camera.camera_from_cam0, load_rig(AUTHORS).cameras[2].camera_from_cam0)


@pytest.mark.parametrize("count", [4, 5, 8])
@pytest.mark.parametrize("nested", [False, True])
def test_distortion_of_every_length(rig_folder: Path, count: int, nested: bool) -> None:
    values = np.linspace(0.01, 0.08, count).tolist()
    edit_json(rig_folder, lambda d: d["cameras"]["cam1"].update(dist=[values] if nested else values))
    assert load_rig(rig_folder).cameras[1].distortion.tolist() == values + [0.0] * (8 - count)


def test_exponents_without_a_point_are_numbers(rig_folder: Path) -> None:
    edit_yaml(rig_folder, lambda d: None)
    path = rig_folder / "transform.yaml"
    path.write_text(path.read_text().replace("0.008302688598632812", "8e-3"))
    assert load_rig(rig_folder).cam0_from_world[0, 3] == 0.008


def edit_json(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    document = json.loads((folder / "calibration.json").read_text())
    change(document)
    (folder / "calibration.json").write_text(json.dumps(document))


def edit_yaml(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    document = yaml.safe_load((folder / "transform.yaml").read_text())
    change(document)
    (folder / "transform.yaml").write_text(yaml.safe_dump(document))


JSON_FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no cameras": (lambda d: d.pop("cameras"), "cameras: missing"),
    "empty cameras": (lambda d: d.update(cameras={}), "names no camera"),
    "cameras is a list": (lambda d: d.update(cameras=[1]), "names no camera"),
    "no poses": (lambda d: d.pop("camera_poses"), "camera_poses: missing"),
    "camera missing": (lambda d: d["cameras"].pop("cam2"), "cameras.cam2: missing"),
    "pose missing": (lambda d: d["camera_poses"].pop("cam2_to_cam0"), "camera_poses.cam2_to_cam0: missing"),
    "cam0 pose missing": (lambda d: d["camera_poses"].pop("cam0"), "camera_poses.cam0: missing"),
    "no K": (lambda d: d["cameras"]["cam1"].pop("K"), "cameras.cam1.K: missing"),
    "no R": (lambda d: d["camera_poses"]["cam1_to_cam0"].pop("R"), "camera_poses.cam1_to_cam0.R: missing"),
    "K too small": (lambda d: d["cameras"]["cam1"].update(K=[[1, 0], [0, 1]]), r"cameras.cam1.K: must have shape"),
    "K ragged": (lambda d: d["cameras"]["cam1"].update(K=[[1, 0], [0]]), "cameras.cam1.K: rows differ"),
    "K singular": (lambda d: d["cameras"]["cam1"].update(K=[[0] * 3] * 3), "cam1: singular intrinsics"),
    "K text": (lambda d: d["cameras"]["cam1"].update(K="[[1]]"), "cameras.cam1.K: must be numbers"),
    "K null": (lambda d: d["cameras"]["cam1"].update(K=None), "cameras.cam1.K: must be numbers"),
    "K NaN": (lambda d: d["cameras"]["cam1"]["K"][0].__setitem__(0, float("nan")), "K: contains NaN"),
    "dist of seven": (lambda d: d["cameras"]["cam1"].update(dist=[0.0] * 7), "distortion is 4, 5 or 8"),
    "dist infinite": (lambda d: d["cameras"]["cam1"].update(dist=[float("inf")] * 5), "dist: contains NaN"),
    "size negative": (lambda d: d["cameras"]["cam1"].update(image_size=[-1, 5]), "image_size: must be"),
    "size fractional": (lambda d: d["cameras"]["cam1"].update(image_size=[1.5, 5]), "image_size: must be"),
    "R singular": (lambda d: d["camera_poses"]["cam3_to_cam0"].update(R=[[0] * 3] * 3), "cam3_to_cam0.R: is singular"),
    "R mirrored": (
        lambda d: d["camera_poses"]["cam3_to_cam0"].update(R=[[1, 0, 0], [0, 1, 0], [0, 0, -1]]),
        "cam3_to_cam0.R: is singular or no rotation",
    ),
    "T boolean": (lambda d: d["camera_poses"]["cam3_to_cam0"].update(T=[True] * 3), "cam3_to_cam0.T: must be numbers"),
    "T NaN": (lambda d: d["camera_poses"]["cam3_to_cam0"].update(T=[0, float("nan"), 0]), "cam3_to_cam0.T: contains"),
    "pose is text": (lambda d: d["camera_poses"].update(cam3_to_cam0="x"), "cam3_to_cam0: must be a mapping"),
    "cam0 not at itself": (lambda d: d["camera_poses"]["cam0"].update(T=[0, 0, 1]), "cam0: must be the identity"),
}


@pytest.mark.parametrize("fault", JSON_FAULTS)
def test_malformed_calibration(rig_folder: Path, fault: str) -> None:
    change, message = JSON_FAULTS[fault]
    edit_json(rig_folder, change)
    assert_one_line(lambda: load_rig(rig_folder), rig_folder / "calibration.json", message)


YAML_FAULTS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no pose": (lambda d: d.pop("pose"), "pose: missing"),
    "pose empty": (lambda d: d.update(pose=None), "pose: must be a mapping"),
    "no position": (lambda d: d["pose"].pop("position"), "pose.position: missing"),
    "no y": (lambda d: d["pose"]["position"].pop("y"), "pose.position.y: missing"),
    "no w": (lambda d: d["pose"]["orientation"].pop("w"), "pose.orientation.w: missing"),
    "x NaN": (lambda d: d["pose"]["position"].update(x=float("nan")), "pose.position: contains NaN"),
    "x text": (lambda d: d["pose"]["position"].update(x="far"), "pose.position: must be numbers"),
    "zero quaternion": (
        lambda d: d["pose"].update(orientation=dict.fromkeys("xyzw", 0.0)),
        "pose.orientation: a quaternion has four finite numbers",
    ),
}


@pytest.mark.parametrize("fault", YAML_FAULTS)
def test_malformed_transform(rig_folder: Path, fault: str) -> None:
    change, message = YAML_FAULTS[fault]
    edit_yaml(rig_folder, change)
    assert_one_line(lambda: load_rig(rig_folder), rig_folder / "transform.yaml", message)


@pytest.mark.parametrize(
    "text",
    ["{", "[1, 2]", "", "null", "[" * 100_000, b"\xff\xfe\x00", "cam0: [", "a: b: c", "!!python/object:os.system x"],
)
@pytest.mark.parametrize("file", ["calibration.json", "transform.yaml", "rig.yaml"])
def test_files_of_another_kind(rig_folder: Path, file: str, text: str | bytes) -> None:
    (rig_folder / file).write_bytes(text.encode() if isinstance(text, str) else text)
    assert_one_line(lambda: load_rig(rig_folder), rig_folder / file, "is not valid|must hold|must map|missing")


@pytest.mark.parametrize("file", ["calibration.json", "transform.yaml"])
def test_missing_file(rig_folder: Path, file: str) -> None:
    (rig_folder / file).unlink()
    assert_one_line(lambda: load_rig(rig_folder), rig_folder / file, "no such file")
    (rig_folder / file).mkdir()
    assert_one_line(lambda: load_rig(rig_folder), rig_folder / file, "cannot be read")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("serials: {cam0: 299113912}", r"serials.cam0: must be a folder name in quotes, got 299113912"),
        ('serials: {cam0: "../elsewhere"}', "must be a folder name"),
        ('serials: {cam0: ".hidden"}', "must be a folder name"),
        ('serials: {cam0: "a", cam1: "a"}', "two cameras share a serial"),
        ("serials: {}", "must map camera names"),
        ("serials: [a]", "must map camera names"),
        ("cam0: a", "serials: missing"),
        ('serials: {cam9: "a"}', "cameras.cam9: missing"),
    ],
)
def test_malformed_rig_yaml(rig_folder: Path, text: str, message: str) -> None:
    (rig_folder / "rig.yaml").write_text(text)
    with pytest.raises(CalibrationError, match=message):
        load_rig(rig_folder)


@pytest.mark.parametrize("text", ["1 2 3", "[[1 0 0 x]]", None, "[[nan] * 16]", 3])
def test_malformed_cam2base(rig_folder: Path, text: object) -> None:
    edit_yaml(rig_folder, lambda d: d.update(cam2base=text))
    assert_one_line(lambda: load_cam2base(rig_folder), rig_folder / "transform.yaml", "cam2base: must be")


def assert_one_line(action: Callable[[], object], path: Path, message: str) -> None:
    with pytest.raises(CalibrationError, match=message) as caught:
        action()
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))
