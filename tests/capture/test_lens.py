"""The lens model: OpenCV's forward, finite differences for its derivatives, its inverse, points of a depth image."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.lens import depth_to_points, distort, project, project_with_derivatives, rays
from tests.support.paths import REPOSITORY

# A Kinect's colour lens (../shared/data/kinect), and one with strong tangential terms.
COLOR_LENS = np.array([0.330121309, -2.48939657, -1.61782446e-04, -1.29445252e-04, 1.45367086, 0.208912075])
COLOR_LENS = np.append(COLOR_LENS, [-2.3029151, 1.37512755])
SKEW_LENS = np.array([0.4, -2.5, 3e-3, -2e-3, 1.5, 0.28, -2.3, 1.4])
COLOR_K = np.array([[306.0, 0, 319.6], [0, 304.0, 183.0], [0, 0, 1]])


def scattered(reach: float = 0.5) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.column_stack([rng.uniform(-reach, reach, (500, 2)), np.ones(500)]) * rng.uniform(0.3, 3, (500, 1))


@pytest.mark.parametrize("lens", [COLOR_LENS, SKEW_LENS, np.zeros(8)])
def test_forward_and_its_derivatives_are_opencvs(lens: np.ndarray) -> None:
    points = scattered()
    expected, jacobian = cv2.projectPoints(points, np.zeros(3), np.zeros(3), COLOR_K, lens)
    np.testing.assert_allclose(project(points, COLOR_K, lens), expected.reshape(-1, 2), atol=1e-9)
    found = project_with_derivatives(points, COLOR_K, lens)
    np.testing.assert_array_equal(found.pixels, project(points, COLOR_K, lens))
    np.testing.assert_allclose(found.by_point, jacobian.reshape(500, 2, -1)[:, :, 3:6], atol=1e-8)
    np.testing.assert_allclose(found.by_lens, jacobian.reshape(500, 2, -1)[:, :, 6:18], atol=1e-8)


def test_derivatives_hold_with_skew_too() -> None:
    skewed = COLOR_K + np.array([[0, 3.0, 0], [0, 0, 0], [0, 0, 0]])
    points, step = scattered(), 1e-6
    found = project_with_derivatives(points, skewed, SKEW_LENS)
    for axis in range(3):
        shift = step * np.eye(3)[axis]
        expected = (project(points + shift, skewed, SKEW_LENS) - project(points - shift, skewed, SKEW_LENS)) / (
            2 * step
        )
        np.testing.assert_allclose(found.by_point[:, :, axis], expected, rtol=1e-5, atol=1e-5)
    for term in range(8):
        shift = step * np.eye(8)[term]
        expected = (project(points, skewed, SKEW_LENS + shift) - project(points, skewed, SKEW_LENS - shift)) / (
            2 * step
        )
        np.testing.assert_allclose(found.by_lens[:, :, 4 + term], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("lens", [COLOR_LENS, SKEW_LENS, np.zeros(8)])
def test_rays_invert_the_forward_model(lens: np.ndarray) -> None:
    points = scattered(0.6)
    found = rays(project(points, COLOR_K, lens), COLOR_K, lens)
    np.testing.assert_allclose(found, points / points[:, 2:], atol=1e-6)
    assert rays(np.zeros((0, 2)), COLOR_K, lens).shape == (0, 3)


def test_without_distortion_nothing_moves() -> None:
    points = scattered()
    np.testing.assert_array_equal(distort(points[:, :2], np.zeros(8)), points[:, :2])


def test_rays_invert_the_authors_lens_near_its_fold_where_opencvs_inverse_stops_early() -> None:
    camera = load_rig(REPOSITORY / "configs" / "rig").cameras[0]
    angle = np.linspace(0, 2 * np.pi, 200)
    truth = np.column_stack([1.1 * np.cos(angle), 1.1 * np.sin(angle), np.ones(200)])
    pixels = project(truth, camera.intrinsics, camera.distortion)
    np.testing.assert_allclose(rays(pixels, camera.intrinsics, camera.distortion), truth, atol=1e-6)
    plain = cv2.undistortPoints(pixels[:, None], camera.intrinsics, camera.distortion)[:, 0]
    assert np.abs(plain - truth[:, :2]).max() > 5e-4  # a pixel


def test_points_of_a_depth_image_project_back_to_its_pixels() -> None:
    depth = np.random.default_rng(0).uniform(0.5, 2, (12, 17)).astype(np.float32)
    depth[3, 4] = 0
    small = np.array([[15.0, 0, 8], [0, 15, 6], [0, 0, 1]])
    points = depth_to_points(depth, small, COLOR_LENS)
    assert not points[3, 4].any()
    np.testing.assert_array_equal(points[..., 2], depth)
    u, v = np.meshgrid(np.arange(17.0), np.arange(12.0))
    seen = depth > 0
    np.testing.assert_allclose(
        project(points[seen], small, COLOR_LENS), np.stack([u[seen], v[seen]], axis=1), atol=1e-5
    )
