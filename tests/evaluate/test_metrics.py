"""Measures of a transfer on cases whose answer is known by hand, and the turned table frame they are taken in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sparsedff.errors import SparseDFFError
from sparsedff.evaluate.metrics import contact_error, joint_margin, palm_error, penetration, surface_error
from sparsedff.evaluate.turn import turned, yaw
from sparsedff.geometry import apply, inverse
from tests.support.box_scenes import box_scene, capture_of
from tests.support.hand_oracle import random_pose


def test_contact_error_is_the_mean_over_points_that_touch() -> None:
    mapped = np.zeros((4, 3))
    landed = np.array([[0.03, 0.04, 0], [0.0, 0, 0.01], [9.0, 9, 9], [1.0, 0, 0]])
    distance = np.array([0.004, -0.004, 0.02, -0.006])  # two touch, one is far, one is deep inside
    assert contact_error(landed, mapped, distance) == pytest.approx((0.05 + 0.01) / 2)
    assert contact_error(landed, mapped, distance, contact_m=0.01) == pytest.approx((0.05 + 0.01 + 1.0) / 3)
    assert contact_error(mapped, mapped, distance) == 0


def test_a_hand_that_touches_nothing_has_no_contact_error() -> None:
    with pytest.raises(SparseDFFError, match=r"no point within 5 mm of the reference object; check the pose"):
        contact_error(np.zeros((2, 3)), np.zeros((2, 3)), np.array([0.006, 0.1]))


def test_penetration_is_the_depth_of_the_deepest_point() -> None:
    assert penetration(np.array([0.01, -0.003, -0.007, 0.2])) == pytest.approx(0.007)
    assert penetration(np.array([0.01, 0.0])) == 0


def test_surface_error_is_the_mean_distance() -> None:
    surface = np.random.default_rng(0).normal(size=(50, 3))
    assert surface_error(surface, surface) == 0
    assert surface_error(surface + np.array([0.03, 0, 0.04]), surface) == pytest.approx(0.05)
    moved = surface.copy()
    moved[:10, 1] -= 0.1
    assert surface_error(moved, surface) == pytest.approx(0.02)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, np.pi), st.floats(0, 0.5))
def test_palm_error_is_the_motion_between_two_poses(seed: int, angle: float, length: float) -> None:
    rng, pose = np.random.default_rng(seed), random_pose(seed)
    axis, direction = (v / np.linalg.norm(v) for v in rng.normal(size=(2, 3)))
    motion = np.eye(4)
    motion[:3, :3] = Rotation.from_rotvec(angle * axis).as_matrix()
    moved = pose.moved(motion)
    moved = type(pose)(pose.translation + length * direction, moved.rotation, pose.joints)
    distance, turn = palm_error(moved, pose)
    assert distance == pytest.approx(length, abs=1e-12)
    assert turn == pytest.approx(angle, abs=1e-6)
    assert palm_error(pose, moved) == pytest.approx((distance, turn))


def test_joint_margin_is_the_distance_to_the_nearest_stop() -> None:
    limits = np.array([[0.0, 1.0], [-0.5, 0.5], [0.0, 2.0]])
    assert joint_margin(np.array([0.5, 0.0, 1.0]), limits) == pytest.approx(0.5)
    assert joint_margin(np.array([0.5, 0.4, 1.0]), limits) == pytest.approx(0.1)
    assert joint_margin(np.array([0.02, 0.4, 1.0]), limits) == pytest.approx(0.02)
    assert joint_margin(np.array([0.5, 0.0, 2.3]), limits) == pytest.approx(-0.3)


def test_yaw_turns_about_the_vertical() -> None:
    np.testing.assert_allclose(apply(yaw(np.pi / 2), np.array([1.0, 0, 5])), [0, 1, 5], atol=1e-12)
    np.testing.assert_allclose(yaw(0.3) @ yaw(-0.3), np.eye(4), atol=1e-12)


def test_a_turned_capture_shows_the_same_scene_in_another_frame() -> None:
    capture = capture_of(box_scene(0.3, serial="a"), box_scene(2.0, serial="b"))
    other = turned(capture, yaw(1.0))
    for before, after in zip(capture.views, other.views, strict=True):
        point = np.array([0.1, -0.05, 0.08])
        seen = apply(inverse(before.world_from_camera), point)
        np.testing.assert_allclose(apply(inverse(after.world_from_camera), apply(yaw(1.0), point)), seen, atol=1e-12)
        assert after.depth_m is not None and (after.depth_m == before.depth_m).all()
