"""HandPose and its files: round trips, joint conventions, and one line for every file that is no pose."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sparsedff.errors import HandError
from sparsedff.geometry import transform
from sparsedff.hands.pose import HandPose, load_reference_pose, save_reference_pose
from sparsedff.hands.shadow.joints import JOINT_NAMES, SHADOW_JOINTS
from tests.support.hand_oracle import random_pose

SEEDS = st.integers(0, 2**32)


def assert_same(one: HandPose, other: HandPose, atol: float = 1e-12) -> None:
    for field in ("translation", "rotation", "joints"):
        np.testing.assert_allclose(getattr(one, field), getattr(other, field), atol=atol, err_msg=field)


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_row30_round_trip(seed: int) -> None:
    pose = random_pose(seed)
    row = pose.row()
    assert row.shape == (30,) and (row[6:8] == 0).all()
    np.testing.assert_array_equal(row[:3], pose.translation)
    np.testing.assert_allclose(Rotation.from_rotvec(row[3:6]).as_matrix(), pose.rotation, atol=1e-12)
    assert_same(HandPose.from_row(row), pose)
    row[6:8] = 0.3  # a wrist that others wrote is not ours
    assert_same(HandPose.from_row(row), pose)


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.sampled_from(((31,), (1, 31))), st.sampled_from((np.float64, np.float32)))
def test_reference_files_round_trip(tmp_path_factory: pytest.TempPathFactory, seed: int, shape, dtype) -> None:
    pose, path = random_pose(seed), tmp_path_factory.mktemp("pose") / "ref_pose_x.npy"
    vector = pose.vector()
    assert vector.shape == (31,)
    np.testing.assert_array_equal(vector[3:9], [*pose.rotation[:, 0], *pose.rotation[:, 1]])
    np.save(path, vector.reshape(shape).astype(dtype))
    assert_same(load_reference_pose(path, SHADOW_JOINTS), pose, atol=1e-6 if dtype == np.float32 else 1e-12)
    save_reference_pose(pose, path)
    assert np.load(path).shape == (1, 31)
    assert_same(load_reference_pose(path, SHADOW_JOINTS), pose)


def test_the_drivers_convention_flips_four_joints_and_twice_is_none(tmp_path: Path) -> None:
    pose, path = random_pose(1), tmp_path / "driver.npy"
    save_reference_pose(pose, path)
    read = load_reference_pose(path, SHADOW_JOINTS, "driver")
    flipped = [index for index in range(22) if read.joints[index] != pose.joints[index]]
    assert flipped == [8, 19, 20, 21] and [JOINT_NAMES[i] for i in flipped] == ["RFJ3", "THJ2", "THJ1", "THJ0"]
    np.testing.assert_array_equal(read.joints[flipped], -pose.joints[flipped])
    np.testing.assert_array_equal(read.translation, pose.translation)
    save_reference_pose(read, path)
    assert_same(load_reference_pose(path, SHADOW_JOINTS, "driver"), pose)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_a_moved_hand_is_moved(seed: int) -> None:
    rng, pose = np.random.default_rng(seed), random_pose(seed)
    a, b = (transform(Rotation.random(random_state=rng).as_matrix(), rng.normal(size=3)) for _ in range(2))
    np.testing.assert_allclose(pose.moved(a).world_from_palm, a @ pose.world_from_palm, atol=1e-12)
    assert_same(pose.moved(a).moved(b), pose.moved(b @ a))
    assert_same(pose.moved(np.eye(4)), pose)
    np.testing.assert_array_equal(pose.moved(a).joints, pose.joints)


def test_a_pose_cannot_be_changed_from_outside() -> None:
    translation = np.zeros(3)
    pose = HandPose(translation, np.eye(3), np.zeros(22))
    translation[0] = 1
    assert pose.translation[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        pose.joints[0] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"translation": np.zeros(2)}, r"translation must be \(3,\) finite numbers, got shape \(2,\)"),
        ({"joints": np.zeros((2, 11))}, "joints must be a row of finite numbers"),
        ({"joints": np.full(22, np.nan)}, "joints must be"),
        ({"translation": np.array([0, np.inf, 0])}, "translation must be"),
        ({"rotation": np.zeros((3, 3))}, "not a rotation matrix"),
        ({"rotation": np.diag([1.0, 1, -1])}, "not a rotation matrix"),
        ({"rotation": 1.01 * np.eye(3)}, "not a rotation matrix"),
    ],
)
def test_what_is_no_pose_is_refused(change: dict[str, np.ndarray], message: str) -> None:
    fields = {"translation": np.zeros(3), "rotation": np.eye(3), "joints": np.zeros(22)} | change
    with pytest.raises(HandError, match=message):
        HandPose(**fields)


def test_a_row_of_another_length_is_refused() -> None:
    for row in (np.zeros(8), np.zeros((1, 30))):
        with pytest.raises(HandError, match=r"a result row has 8 numbers and one a joint, 30 for the Shadow Hand; got"):
            HandPose.from_row(row)


def vector(**changes: np.ndarray) -> np.ndarray:
    parts = {"translation": np.zeros(3), "x": np.array([1.0, 0, 0]), "y": np.array([0, 1.0, 0]), "joints": np.zeros(22)}
    return np.concatenate(list((parts | changes).values()))


def saved(array: np.ndarray) -> Callable[[Path], None]:
    return lambda path: np.save(path, array)


def truncated(path: Path) -> None:
    np.save(path, vector())
    path.write_bytes(path.read_bytes()[:-9])


def archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, pose=vector())


def giant(path: Path) -> None:
    np.save(path, vector())
    path.write_bytes(path.read_bytes().replace(b"(31,)", b"(999999999999999,)")[:200])


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "no such reference pose"),
    "folder": (Path.mkdir, "not a readable"),
    "empty": (Path.touch, "not a readable"),
    "text": (lambda path: path.write_text("0 0 0"), "not a readable"),
    "truncated": (truncated, "not a readable"),
    "cut header": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', "), "not a readable"),
    "giant": (giant, "not a readable"),
    "pickled": (lambda path: path.write_bytes(pickle.dumps(vector())), "pickle"),
    "objects": (lambda path: np.save(path, np.array([{}], dtype=object), allow_pickle=True), "not a readable"),
    "archive": (archive, "archive"),
    "broken archive": (lambda path: path.write_bytes(b"PK\x03\x04broken"), "not a readable"),
    "30 numbers": (saved(np.zeros(30)), r"\(31,\) or \(1, 31\) numbers .* got \(30,\) float64"),
    "two poses": (saved(np.zeros((2, 31))), r"got \(2, 31\) float64"),
    "a column": (saved(np.zeros((31, 1))), r"got \(31, 1\) float64"),
    "words": (saved(np.full(31, "a")), r"got \(31,\) <U1"),
    "complex": (saved(vector() * 1j), r"got \(31,\) complex128"),
    "NaN": (saved(vector(joints=np.full(22, np.nan))), "NaN or infinity"),
    "infinity": (saved(vector(translation=np.array([np.inf, 0, 0]))), "NaN or infinity"),
    "parallel columns": (saved(vector(y=np.array([1.0, 0, 0]))), "rotation columns .* not unit and orthogonal"),
    "zero columns": (saved(vector(x=np.zeros(3), y=np.zeros(3))), "not unit and orthogonal"),
    "columns in millimetres": (saved(vector(x=np.array([1000.0, 0, 0]))), "not unit and orthogonal"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_pose_file_is_named_in_one_line(tmp_path: Path, fault: str) -> None:
    make, message = FAULTS[fault]
    path = tmp_path / "ref_pose_x.npy"
    make(path)
    with pytest.raises(HandError, match=message) as caught:
        load_reference_pose(path, SHADOW_JOINTS)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_an_unknown_convention_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(HandError, match=r"must be one of mjcf, driver, got 'ros'"):
        load_reference_pose(tmp_path / "any.npy", SHADOW_JOINTS, "ros")


def test_slightly_skew_columns_become_the_nearest_rotation(tmp_path: Path) -> None:
    """As a float32 file or a 6D optimiser leaves them; neither column is privileged."""
    x, y = np.array([1.0, 0.02, 0]), np.array([0.02, 1.0, 0])
    np.save(tmp_path / "skew.npy", vector(x=x, y=y))
    np.testing.assert_allclose(load_reference_pose(tmp_path / "skew.npy", SHADOW_JOINTS).rotation, np.eye(3), atol=1e-9)
