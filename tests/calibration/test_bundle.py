"""Lens, view poses and bundle adjustment against finite differences, OpenCV and the truth."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from sparsedff.calibration.board import Board
from sparsedff.calibration.bundle import Free, Problem, adjust
from sparsedff.calibration.rotations import angle_between, cross_matrix, left_jacobian, retraction
from sparsedff.calibration.settings import LENS_TERMS
from sparsedff.calibration.simulate import board_poses
from sparsedff.calibration.state import State, residuals
from sparsedff.calibration.view_pose import view_pose
from sparsedff.capture.lens import project
from sparsedff.capture.model import Rig
from tests.support.known_rig import see, truth_of

WIDE = np.array([0.4, -2.5, 3e-4, -2e-4, 1.5, 0.28, -2.3, 1.4])  # a rational lens as the Kinect's factory gives it


def test_angles_between_rotations_of_any_shape() -> None:
    rng = np.random.default_rng(0)
    angles = np.append(rng.uniform(0, np.pi, (3, 3)), [[0.0, 1e-9, np.pi]], axis=0)
    axes = rng.normal(size=(4, 3, 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    turns = Rotation.from_rotvec((angles[..., None] * axes).reshape(-1, 3)).as_matrix().reshape(4, 3, 3, 3)
    start = Rotation.random(random_state=1).as_matrix()
    np.testing.assert_allclose(angle_between(start, turns @ start), angles, atol=1e-7)
    np.testing.assert_allclose(angle_between(turns[:, None], turns[None]), angle_between(turns[None], turns[:, None]))
    assert angle_between(start, start).shape == ()


def test_left_jacobian_is_the_derivative_of_a_turned_point() -> None:
    rng = np.random.default_rng(0)
    point = rng.normal(size=3)
    for scale in (1e-6, 1e-2, 1.0, 3.0):
        turn = scale * rng.normal(size=3)
        turned = Rotation.from_rotvec(turn).apply(point)
        step = 1e-6 * np.eye(3)
        ahead, behind = (Rotation.from_rotvec(turn + s * step).apply(point) for s in (1, -1))
        expected = ((ahead - behind) / 2e-6).T
        np.testing.assert_allclose(-cross_matrix(turned) @ left_jacobian(turn), expected, atol=1e-6)
        np.testing.assert_allclose(cross_matrix(turned) @ turn, np.cross(turned, turn), atol=1e-12)


@pytest.mark.parametrize("free", [Free(), Free(cameras=False), Free(lens=LENS_TERMS), Free(False, ("fx", "k1"))])
def test_the_jacobian_is_that_of_finite_differences(rig: Rig, board: Board, free: Free) -> None:
    rng = np.random.default_rng(1)
    truth = truth_of(rig, board_poses(board, 3, rng))
    truth = replace(truth, distortion=np.tile(WIDE, (4, 1)))
    seen = see(rig, truth, board, 0.1, rng)
    seen = seen.select(rng.choice(len(seen), 60, replace=False))
    problem = Problem(truth, seen, board.corners, free)
    at = 0.02 * rng.standard_normal(problem.size)
    dense = problem.jacobian(at).toarray()
    for column in range(problem.size):
        step = np.zeros(problem.size)
        step[column] = 1e-6
        expected = (problem.residuals(at + step) - problem.residuals(at - step)) / 2e-6
        np.testing.assert_allclose(dense[:, column], expected, rtol=1e-4, atol=2e-3)


def nudged(state: State, rng: np.random.Generator) -> State:
    """Cameras and boards off by some 3 degrees and 2 cm."""

    def step(count: int) -> np.ndarray:
        return rng.standard_normal((count, 6)) * [0.03] * 3 + [0, 0, 0, 0.02, 0.02, 0.02]

    cameras = retraction(state.camera_from_cam0, step(len(state.camera_from_cam0)))
    cameras[0] = np.eye(4)
    return replace(
        state,
        camera_from_cam0=cameras,
        cam0_from_board=retraction(state.cam0_from_board, step(len(state.cam0_from_board))),
    )


def test_without_noise_the_truth_is_found_to_the_last_place(rig: Rig, board: Board) -> None:
    rng = np.random.default_rng(2)
    truth = truth_of(rig, board_poses(board, 8, rng))
    seen = see(rig, truth, board, 0.0, rng)
    start = nudged(truth, rng)
    start = replace(start, intrinsics=start.intrinsics * [[1.01, 1, 1.01], [1, 1.01, 0.99], [1, 1, 1]])
    found = adjust(start, seen, board.corners, Free(lens=("fx", "fy", "cx", "cy")), 0.5)
    assert np.abs(residuals(found, seen, board.corners)).max() < 1e-4
    np.testing.assert_allclose(found.camera_from_cam0, truth.camera_from_cam0, atol=1e-6)
    np.testing.assert_allclose(found.intrinsics, truth.intrinsics, atol=1e-3)


def test_a_board_that_nobody_sees_stays_where_it_was(rig: Rig, board: Board) -> None:
    rng = np.random.default_rng(3)
    truth = truth_of(rig, board_poses(board, 4, rng))
    seen = see(rig, truth, board, 0.1, rng)
    start = nudged(truth, rng)
    found = adjust(start, seen.select(seen.still != 2), board.corners, Free(), 0.5)
    np.testing.assert_array_equal(found.cam0_from_board[2], start.cam0_from_board[2])
    np.testing.assert_allclose(found.cam0_from_board[3], truth.cam0_from_board[3], atol=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_a_view_pose_survives_a_third_of_wrong_corners(rig: Rig, board: Board, seed: int) -> None:
    rng = np.random.default_rng(seed)
    camera = rig.cameras[0]
    tilt = Rotation.from_rotvec(rng.uniform(-0.7, 0.7, 3))
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = tilt.as_matrix(), [-0.1, -0.15, 0.7]
    points = board.corners @ pose[:3, :3].T + pose[:3, 3]
    pixels = project(points, camera.intrinsics, camera.distortion) + 0.1 * rng.standard_normal((70, 2))
    wrong = rng.choice(70, 23, replace=False)
    pixels[wrong] += rng.choice([-1, 1], (23, 2)) * rng.uniform(6, 80, (23, 2))
    found = view_pose(board.corners, pixels, camera.intrinsics, camera.distortion, 3.0, 6)
    assert found is not None and not found.inliers[wrong].any() and found.inliers.sum() >= 45
    assert np.linalg.norm(found.camera_from_board[:3, 3] - pose[:3, 3]) < 0.004
    assert angle_between(found.camera_from_board[:3, :3], pose[:3, :3]) < np.deg2rad(0.6)
    # The same corners through OpenCV's own estimate, which has been told which ones are right:
    right = found.inliers
    _, turn, _ = cv2.solvePnP(board.corners[right], pixels[right], camera.intrinsics, camera.distortion)
    assert angle_between(cv2.Rodrigues(turn)[0], found.camera_from_board[:3, :3]) < np.deg2rad(0.1)


def test_corners_on_a_line_or_too_few_are_no_view(rig: Rig, board: Board) -> None:
    camera = rig.cameras[0]
    points = board.corners + np.array([0, 0, 0.6])
    pixels = project(points, camera.intrinsics, camera.distortion)
    for rows in (np.arange(7), np.arange(0), np.array([0, 1, 7]), np.array([0, 1, 7, 8, 20])):
        assert view_pose(board.corners[rows], pixels[rows], camera.intrinsics, camera.distortion, 3.0, 6) is None
