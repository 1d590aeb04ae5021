"""Starts: above the object, all around it, with the demonstrated joints, the same for the same generator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sparsedff.geometry import apply, inverse, transform
from sparsedff.hands.pose import HandPose
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.starts import FEWEST, PALM_DOWN, make_starts, part_near, starts_above, starts_around
from tests.support.hand_oracle import random_pose
from tests.support.transfer_toys import cloud, demonstration, moved_cloud, planar, toy_hand

POINTS = np.random.default_rng(0).uniform((0.1, -0.3, 0.0), (0.2, -0.1, 0.15), (500, 3))
TOP = POINTS[:, 2].max()
CENTRE = (POINTS[:, :2].min(axis=0) + POINTS[:, :2].max(axis=0)) / 2


def starts(count: int, yaws: int, seed: int = 0, **changes) -> list[HandPose]:
    rng = np.random.default_rng(seed)
    return starts_above(POINTS, random_pose(1), count, yaws, (0.2, 0.3), rng, **changes)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32))
def test_starts_are_turned_evenly_and_stand_above(count: int, yaws: int, seed: int) -> None:
    poses = starts(count, yaws, seed)
    assert len(poses) == count
    for index, pose in enumerate(poses):
        turn = Rotation.from_matrix(pose.rotation @ PALM_DOWN.T).as_rotvec()
        expected = 2 * np.pi * (index % yaws) / yaws
        np.testing.assert_allclose(turn[:2], 0, atol=1e-9)
        assert np.exp(1j * turn[2]) == pytest.approx(np.exp(1j * expected))
        assert TOP + 0.2 <= pose.translation[2] <= TOP + 0.3
        assert np.abs(pose.translation[:2] - CENTRE).max() < 0.06
        np.testing.assert_array_equal(pose.joints, random_pose(1).joints)


def test_the_published_start_faces_the_table() -> None:
    """Columns x = (0, -1, 0), y = (0, 0, 1): the back of the hand up, fingers along -x."""
    np.testing.assert_array_equal(PALM_DOWN, [[0, 0, -1], [-1, 0, 0], [0, 1, 0]])
    assert np.linalg.det(PALM_DOWN) == pytest.approx(1)
    np.testing.assert_array_equal(starts(1, 1)[0].rotation, PALM_DOWN)


def test_another_orientation_keeps_its_tilt() -> None:
    shown = random_pose(7).rotation
    for pose in starts(12, 12, orientation=shown):
        np.testing.assert_allclose(pose.rotation[2], shown[2], atol=1e-12)  # world up, seen from the palm
    np.testing.assert_allclose(starts(1, 1, orientation=shown)[0].rotation, shown, atol=1e-12)


def test_heights_and_places_vary_as_told() -> None:
    poses = np.array([pose.translation for pose in starts(4000, 12)])
    heights = poses[:, 2] - TOP
    assert heights.min() < 0.205 and heights.max() > 0.295 and heights.mean() == pytest.approx(0.25, abs=0.003)
    np.testing.assert_allclose(poses[:, :2].mean(axis=0), CENTRE, atol=1e-3)
    np.testing.assert_allclose(poses[:, :2].std(axis=0), 0.01, rtol=0.05)
    still = np.array([pose.translation for pose in starts(5, 5, xy_jitter_m=0.0)])
    np.testing.assert_allclose(still[:, :2], np.tile(CENTRE, (5, 1)))


def test_one_generator_one_result() -> None:
    first, again, other = ([pose.row() for pose in starts(6, 6, seed)] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (np.array(first) != other).any()


def test_where_points_are_dense_does_not_matter() -> None:
    """The middle is that of the object's extent, not of its points: views see one side better than the other."""
    crowd = np.concatenate([POINTS, np.repeat(POINTS[:1], 5000, axis=0)])
    rng = np.random.default_rng(0)
    crowded = starts_above(crowd, random_pose(1), 3, 3, (0.2, 0.3), rng)
    for one, pose in zip(crowded, starts(3, 3), strict=True):
        np.testing.assert_allclose(one.row(), pose.row())


def test_starts_around_carry_the_demonstration_along_and_back_off_behind_the_hand() -> None:
    rng = np.random.default_rng(0)
    reference, shift = rng.uniform(-0.1, 0.1, (50, 3)), np.array([0.3, -0.2, 0.0])
    turn = Rotation.from_euler("xyz", [1.2, 0.3, 0.5]).as_matrix()
    shown = HandPose(np.array([0.05, 0.02, 0.1]), turn, np.zeros(22))
    near = starts_around(reference, reference + shift, shown, 4, 4, (0.0, 0.0), rng, xy_jitter_m=0.0)
    assert np.allclose(near[0].translation, shown.translation + shift) and np.allclose(near[0].rotation, turn)
    middle = 0.5 * (reference.min(axis=0) + reference.max(axis=0))[:2]
    for index, pose in enumerate(near):  # every start is the first one turned about the object's vertical
        quarter = Rotation.from_euler("z", np.pi / 2 * index).as_matrix()
        offset = quarter[:2, :2] @ (shown.translation[:2] - middle)
        assert np.allclose(pose.translation[:2], middle + shift[:2] + offset)
        assert np.allclose(pose.rotation, quarter @ turn)
    far = starts_around(reference, reference + shift, shown, 1, 1, (0.1, 0.1), rng, xy_jitter_m=0.0)[0]
    assert np.allclose(far.translation - near[0].translation, 0.1 * turn[:, 1])


def test_of_a_thing_that_lies_the_starts_lie_too() -> None:
    """The whole scene turned over, and told so, gives the same starts turned over."""
    reference = cloud()
    turned_over = transform(Rotation.from_rotvec([1.2, 0.4, 0.0]).as_matrix(), np.array([0.1, 0.0, 0.2]))
    lying = replace(moved_cloud(turned_over), upright_from_world=inverse(turned_over))
    plain = AlignmentSettings(aligned_start=False)
    shown = toy_hand().surface_of(demonstration())
    standing, fallen = (make_starts((reference, test), demonstration(), shown, plain, 0) for test in (reference, lying))
    for one, other in zip(standing.poses, fallen.poses, strict=True):
        np.testing.assert_allclose(one.moved(turned_over).row(), other.row(), atol=1e-5)
    assert standing.aligned == () == fallen.aligned


def test_the_part_near_the_hand_is_aligned_by_itself() -> None:
    """Two halves that moved apart: the half that is held decides where the hand goes."""
    reference = cloud(count=400)
    upper = reference.points[:, 2] > 0.08
    motion = planar(40, 0.05)
    points = np.where(upper[:, None], apply(motion, reference.points), reference.points - np.float32([0.1, 0.1, 0]))
    test = replace(reference, points=points.astype(np.float32))
    held = HandPose(demonstration().translation, demonstration().rotation, demonstration().joints)
    shown = reference.points[upper]
    found = make_starts((reference, test), held, shown, AlignmentSettings(aligned_reaches_m=(0.001,)), 0)
    near, whole = (found.poses[index] for index in found.aligned)
    np.testing.assert_allclose(near.row(), held.moved(motion).row(), atol=1e-3)
    assert np.linalg.norm(whole.translation - held.moved(motion).translation) > 0.01


@pytest.mark.parametrize("reach", [1e-6, 0.03])
def test_a_part_is_never_too_small_to_tell_a_rotation(reach: float) -> None:
    far = np.array([[0.5, 0.5, 0.5]])
    part = part_near(cloud(), far, reach)
    assert len(part) == FEWEST
    assert len(part_near(cloud(), cloud().points, reach)) >= FEWEST
