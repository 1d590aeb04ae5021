"""Undistortion and back-projection: the authors' numbers, and dots that end where a pinhole camera has them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparsedff.capture.model import View
from sparsedff.distill.segmentation.base import world_points
from sparsedff.distill.undistort import undistort, undistortion_map
from sparsedff.geometry import inverse
from tests.support.paths import golden

HALF_PIXEL_CASES = 65  # map coordinates that lie within 1e-3 of a half pixel (golden/README.md): nearest may flip there


def golden_view(data: dict[str, np.ndarray], index: int, undistorted: bool = False) -> View:
    suffix = "_undistort" if undistorted else ""
    camera_from_world = data["world2cam"][index].copy()
    camera_from_world[:3, 3] /= 1000
    distortion = np.zeros(8) if undistorted else data["distortion"][index]
    return View(
        str(index),
        data[f"colors{suffix}"][index],
        (data[f"depths{suffix}"][index] / 1000).astype(np.float32),
        data["intrinsics"][index],
        distortion,
        inverse(camera_from_world),
    )


def test_golden_maps_colours_and_depths() -> None:
    data = golden("camera.npz")
    flipped = 0
    for index in range(4):
        view = golden_view(data, index)
        map_x, map_y = undistortion_map(view.intrinsics, view.distortion, view.image_size)
        np.testing.assert_allclose(map_x, data["map_x"][index], atol=2e-4)
        np.testing.assert_allclose(map_y, data["map_y"][index], atol=2e-4)
        ours = undistort(view, cv2.INTER_NEAREST)
        assert not ours.distortion.any()
        np.testing.assert_array_equal(ours.intrinsics, view.intrinsics)
        wrong = (ours.color_rgb != data["colors_undistort"][index]).any(axis=2)
        wrong |= np.rint(1000 * ours.depth_m) != data["depths_undistort"][index]
        flipped += int(wrong.sum())
        # Colour is sampled linearly unless told otherwise; depth never is.
        linear = undistort(view)
        np.testing.assert_array_equal(linear.depth_m, ours.depth_m)
        assert (linear.color_rgb != ours.color_rgb).any()
    assert flipped <= HALF_PIXEL_CASES


def test_golden_back_projection() -> None:
    data = golden("camera.npz")
    everything, valid = [], []
    for index in range(4):
        view = golden_view(data, index, undistorted=True)
        points_mm = 1000 * world_points(view)
        np.testing.assert_allclose(points_mm[::2, ::2], data["xyz_sub"][index], atol=1e-3)
        everything.append(points_mm[view.depth_m > 0])
        valid.append((view.depth_m > 0).ravel())
    # The list of points of the first two cameras, as the authors concatenate it.
    first_two = np.concatenate(everything[:2])
    assert len(first_two) == data["pts_count"]
    np.testing.assert_allclose(first_two[data["pts_index"]], data["pts_sub"], atol=1e-3)
    bits = np.unpackbits(data["pts_zero_filter_bits"])[: 2 * 54 * 96].astype(bool)
    np.testing.assert_array_equal(np.concatenate(valid[:2]), bits)


def lens_view(distortion: np.ndarray, depth_m: np.ndarray, color: np.ndarray) -> View:
    height, width = depth_m.shape
    intrinsics = np.array([[0.9 * width, 0, width / 2 - 3], [0, 0.9 * width, height / 2 + 2], [0, 0, 1.0]])
    return View("lens", color, depth_m.astype(np.float32), intrinsics, distortion, np.eye(4))


def test_an_ideal_camera_is_left_alone() -> None:
    view = lens_view(np.zeros(8), np.ones((6, 8)), np.zeros((6, 8, 3), np.uint8))
    assert undistort(view) is view


@pytest.mark.parametrize(
    "distortion", [[-0.2, 0.05, 0, 0, 0, 0, 0, 0], [0.4, -2.0, 1e-3, -5e-4, 1.2, 0.3, -1.8, 1.1], [0, 0, 0.01, -0.01]]
)
def test_dots_end_where_a_pinhole_camera_has_them(distortion: list[float]) -> None:
    coefficients = np.concatenate([distortion, np.zeros(8 - len(distortion))])
    blank = np.zeros((240, 320, 3), np.uint8)
    intrinsics = np.array(lens_view(coefficients, np.ones((240, 320)), blank).intrinsics)
    points = np.array([[x, y, 1.0] for x in (-0.35, 0.0, 0.3) for y in (-0.2, 0.05, 0.25)])
    dots, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), intrinsics, coefficients)
    columns, rows = np.meshgrid(np.arange(320), np.arange(240))
    for (u, v), point in zip(dots.reshape(-1, 2), points, strict=True):
        spot = np.exp(-((columns - u) ** 2 + (rows - v) ** 2) / (2 * 2.0**2))
        near = (np.hypot(columns - u, rows - v) < 4).astype(float)
        color = np.repeat((255 * spot).astype(np.uint8)[..., None], 3, axis=2)
        seen = undistort(lens_view(coefficients, 1.0 + near, color))
        expected = (intrinsics @ point)[:2]
        brightness = seen.color_rgb[..., 0].astype(float)
        centre = [float((brightness * axis).sum() / brightness.sum()) for axis in (columns, rows)]
        np.testing.assert_allclose(centre, expected, atol=0.3)
        assert set(np.unique(seen.depth_m)) <= {0.0, 1.0, 2.0}  # no reading is a mean of two
        mask = seen.depth_m == 2
        np.testing.assert_allclose([columns[mask].mean(), rows[mask].mean()], expected, atol=0.6)
