"""Rigid transforms and pinhole projection: group laws, round trips, closed forms, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sparsedff.errors import CalibrationError
from sparsedff.geometry import (
    apply,
    backproject,
    check_intrinsics,
    check_rigid,
    inverse,
    look_at,
    nearest_rotation,
    project,
    rigid_fit,
    rotation_from_quaternion,
    transform,
    unproject,
)

SEEDS = st.integers(0, 2**32 - 1)
NUMBERS = st.floats(-10, 10, allow_nan=False)
VECTORS = st.tuples(NUMBERS, NUMBERS, NUMBERS).map(np.array)


def random_rigid(rng: np.random.Generator) -> np.ndarray:
    return transform(Rotation.random(random_state=rng.integers(2**31)).as_matrix(), rng.uniform(-3, 3, 3))


def random_intrinsics(rng: np.random.Generator) -> np.ndarray:
    fx, fy = rng.uniform(50, 2000, 2)
    return np.array([[fx, rng.uniform(-5, 5), rng.uniform(0, 2000)], [0, fy, rng.uniform(0, 2000)], [0, 0, 1]])


@given(SEEDS)
def test_transforms_are_a_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a_from_b, b_from_c = random_rigid(rng), random_rigid(rng)
    np.testing.assert_allclose(a_from_b @ inverse(a_from_b), np.eye(4), atol=1e-12)
    np.testing.assert_allclose(inverse(inverse(a_from_b)), a_from_b, atol=1e-12)
    np.testing.assert_allclose(inverse(a_from_b @ b_from_c), inverse(b_from_c) @ inverse(a_from_b), atol=1e-12)
    points = rng.normal(size=(2, 5, 3))
    np.testing.assert_allclose(apply(a_from_b @ b_from_c, points), apply(a_from_b, apply(b_from_c, points)), atol=1e-12)
    np.testing.assert_allclose(apply(inverse(a_from_b), apply(a_from_b, points)), points, atol=1e-12)


@given(SEEDS, VECTORS)
def test_transform_holds_what_it_is_made_of(seed: int, shift: np.ndarray) -> None:
    rotation = Rotation.random(random_state=seed % 2**31).as_matrix()
    matrix = transform(rotation, shift)
    np.testing.assert_array_equal(matrix[:3, :3], rotation)
    np.testing.assert_array_equal(apply(matrix, np.zeros(3)), shift)
    np.testing.assert_array_equal(matrix[3], [0, 0, 0, 1])


@given(SEEDS)
def test_what_is_rigid_passes_unchanged(seed: int) -> None:
    matrix = random_rigid(np.random.default_rng(seed))
    np.testing.assert_array_equal(check_rigid(matrix, "pose"), matrix)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.eye(3), "a transform is 4x4, got shape (3, 3)"),
        (np.full((4, 4), np.nan), "contains NaN"),
        (np.diag([1.0, 1, -1, 1]), "is singular or no rotation"),
        (np.diag([2.0, 1, 1, 1]), "is singular or no rotation"),
        (np.zeros((4, 4)), "is singular or no rotation"),
    ],
)
def test_what_is_not_rigid_is_refused(matrix: np.ndarray, said: str) -> None:
    with pytest.raises(CalibrationError, match=f"a.yaml: pose: .*{re.escape(said)}"):
        check_rigid(matrix, "a.yaml: pose")


@given(SEEDS)
def test_intrinsics_pass_unchanged(seed: int) -> None:
    matrix = random_intrinsics(np.random.default_rng(seed))
    np.testing.assert_array_equal(check_intrinsics(matrix, "camera"), matrix)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (np.eye(4), "intrinsics are 3x3, got shape (4, 4)"),
        (np.full((3, 3), np.inf), "contain NaN or infinity"),
        (np.diag([0.0, 1, 1]), "focal lengths must be positive"),
        (np.diag([1.0, -1, 1]), "focal lengths must be positive"),
        (np.diag([1.0, 1, 2]), "the last row 0 0 1"),
    ],
)
def test_intrinsics_that_cannot_be_inverted_are_refused(matrix: np.ndarray, said: str) -> None:
    with pytest.raises(CalibrationError, match=f"cam0: .*{re.escape(said)}"):
        check_intrinsics(matrix, "cam0")


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS).map(np.array), st.floats(1e-3, 1e3))
def test_a_quaternion_turns_about_its_axis_whatever_its_length_and_sign(quaternion: np.ndarray, scale: float) -> None:
    norm = np.linalg.norm(quaternion)
    assume(norm > 1e-3)
    rotation = rotation_from_quaternion(quaternion)
    np.testing.assert_allclose(rotation.T @ rotation, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    np.testing.assert_allclose(rotation @ quaternion[:3], quaternion[:3], atol=1e-10)  # the axis stays
    cosine = 2 * (quaternion[3] / norm) ** 2 - 1  # of the angle, half of which the quaternion holds
    assert (np.trace(rotation) - 1) / 2 == pytest.approx(cosine, abs=1e-10)
    np.testing.assert_allclose(rotation_from_quaternion(-scale * quaternion), rotation, atol=1e-12)


@pytest.mark.parametrize("quaternion", [np.zeros(4), np.array([1, 0, 0, np.nan]), np.ones(3)])
def test_what_is_no_quaternion_is_refused(quaternion: np.ndarray) -> None:
    with pytest.raises(CalibrationError, match="a quaternion has four finite numbers"):
        rotation_from_quaternion(quaternion)


def test_quaternions_are_x_y_z_w() -> None:
    half = np.sqrt(0.5)
    np.testing.assert_allclose(
        rotation_from_quaternion([half, 0, 0, half]), [[1, 0, 0], [0, 0, -1], [0, 1, 0]], atol=1e-12
    )


@given(SEEDS)
def test_no_other_rotation_is_nearer_than_the_nearest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(3, 3))
    nearest = nearest_rotation(matrix)
    np.testing.assert_allclose(nearest.T @ nearest, np.eye(3), atol=1e-12)
    assert np.linalg.det(nearest) > 0
    others = Rotation.random(200, random_state=seed % 2**31).as_matrix()
    others = np.concatenate([others, nearest @ Rotation.from_rotvec(0.01 * rng.normal(size=(50, 3))).as_matrix()])
    assert np.linalg.norm(nearest - matrix) <= np.linalg.norm(others - matrix, axis=(1, 2)).min() + 1e-12
    np.testing.assert_allclose(nearest_rotation(3.0 * nearest), nearest, atol=1e-12)


@given(SEEDS, st.integers(3, 12))
def test_a_fit_recovers_any_motion(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    points, target_from_source = rng.normal(size=(count, 3)), random_rigid(rng)
    assume(np.linalg.svd(points - points.mean(axis=0), compute_uv=False)[1] > 0.05)
    np.testing.assert_allclose(rigid_fit(points, apply(target_from_source, points)), target_from_source, atol=1e-9)


@given(SEEDS)
def test_no_small_change_of_a_fit_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source, target = rng.normal(size=(2, 8, 3))
    fit = rigid_fit(source, target)
    check_rigid(fit, "fit")

    def squared(target_from_source: np.ndarray) -> float:
        return float(np.square(apply(target_from_source, source) - target).sum())

    for _ in range(20):
        nudge = transform(Rotation.from_rotvec(0.02 * rng.normal(size=3)).as_matrix(), 0.02 * rng.normal(size=3))
        assert squared(fit) <= squared(nudge @ fit) + 1e-9


@pytest.mark.filterwarnings("error")
@given(SEEDS)
def test_a_fit_of_few_points_is_rigid_and_hits_them(seed: int) -> None:
    """One point, one point twice, two points and a line leave a turn open: any of the best is good."""
    rng = np.random.default_rng(seed)
    target_from_source, (first, second) = random_rigid(rng), rng.normal(size=(2, 3))
    line = first + np.linspace(-1, 1, 5)[:, None] * second
    for points in (first[None], np.stack([first, first]), np.stack([first, second]), line):
        fit = rigid_fit(points, apply(target_from_source, points))
        check_rigid(fit, "fit")
        np.testing.assert_allclose(apply(fit, points), apply(target_from_source, points), atol=1e-7)


@given(VECTORS, VECTORS)
def test_look_at_puts_the_target_on_the_axis_and_up_upwards(eye: np.ndarray, target: np.ndarray) -> None:
    away = target - eye
    assume(np.linalg.norm(away) > 0.01)
    world_from_camera = check_rigid(look_at(eye, target), "camera")
    np.testing.assert_allclose(world_from_camera[:3, 3], eye)
    seen = apply(inverse(world_from_camera), target)
    np.testing.assert_allclose(seen, [0, 0, np.linalg.norm(away)], atol=1e-6)
    assert world_from_camera[2, 1] <= 1e-9  # y is down in the image: never up in the world
    assert abs(world_from_camera[2, 0]) < 1e-6 or np.hypot(*away[:2]) < 1e-6  # no roll


def test_look_at_straight_down_is_a_camera_all_the_same() -> None:
    world_from_camera = check_rigid(look_at(np.array([0.0, 0, 1]), np.zeros(3)), "camera")
    np.testing.assert_allclose(world_from_camera[:3, 2], [0, 0, -1])


@given(SEEDS)
def test_projection_and_its_inverse_cancel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    k = random_intrinsics(rng)
    points = rng.uniform((-2, -2, 0.1), (2, 2, 5), (4, 6, 3))
    pixels = project(points, k)
    homogeneous = points @ k.T
    np.testing.assert_allclose(pixels, homogeneous[..., :2] / homogeneous[..., 2:], rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(unproject(pixels, points[..., 2], k), points, atol=1e-9)
    depths = rng.uniform(0.1, 5, (4, 6))
    np.testing.assert_allclose(unproject(pixels, depths, k)[..., 2], depths)


@given(SEEDS, st.integers(1, 9), st.integers(1, 9))
def test_a_depth_image_gives_a_point_on_the_ray_of_each_pixel(seed: int, width: int, height: int) -> None:
    rng = np.random.default_rng(seed)
    k, depth = random_intrinsics(rng), rng.uniform(0.1, 5, (height, width))
    points = backproject(depth, k)
    assert points.shape == (height, width, 3)
    u, v = np.meshgrid(np.arange(width), np.arange(height))
    np.testing.assert_allclose(project(points, k), np.stack([u, v], axis=-1), atol=1e-6)
    np.testing.assert_array_equal(backproject(np.zeros_like(depth), k), 0 * points)
