"""Registration of depth to colour: closed forms (planes), occlusion, and brute force on lenses."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from sparsedff.capture.cameras.registration import DepthGeometry, Registration
from sparsedff.capture.lens import rays
from sparsedff.geometry import transform

# A real Azure Kinect's lenses (../shared/data/kinect), here at fewer pixels.
DEPTH_LENS = np.array([0.547939777, -0.0209713709, 2.05575343e-05, -7.21041579e-05, -2.6522316e-03, 0.889679074])
DEPTH_LENS = np.append(DEPTH_LENS, [0.0861302093, -0.0139103848])
COLOR_LENS = np.array([0.330121309, -2.48939657, -1.61782446e-04, -1.29445252e-04, 1.45367086, 0.208912075])
COLOR_LENS = np.append(COLOR_LENS, [-2.3029151, 1.37512755])
DEPTH_K = np.array([[126.2, 0, 83.2], [0, 126.2, 87.2], [0, 0, 1]])
COLOR_K = np.array([[306.0, 0, 319.6], [0, 306.0, 183.0], [0, 0, 1]])
DEPTH_SIZE, COLOR_SIZE = (160, 144), (640, 360)


def geometry(color_from_depth: np.ndarray, lenses: bool = True) -> DepthGeometry:
    off = np.zeros(8)
    lens = (DEPTH_LENS, COLOR_LENS) if lenses else (off, off)
    return DepthGeometry(DEPTH_K, lens[0], COLOR_K, lens[1], color_from_depth, COLOR_SIZE)


def grid(size: tuple[int, int]) -> np.ndarray:
    return np.stack(np.meshgrid(np.arange(size[0]), np.arange(size[1])), axis=-1).reshape(-1, 2).astype(float)


@pytest.mark.parametrize("normal", [(0, 0, 1), (0.3, 0.1, 1), (-0.2, 0.6, 1)])
def test_a_plane_gets_the_depth_that_the_colour_camera_s_rays_meet(normal) -> None:
    normal = np.array(normal) / np.linalg.norm(normal)
    turn, _ = cv2.Rodrigues(np.array([0.1, 0.02, -0.01]))
    color_from_depth = transform(turn, np.array([-0.032, -0.002, 0.004]))
    g = geometry(color_from_depth)
    seen = rays(grid(DEPTH_SIZE), DEPTH_K, DEPTH_LENS)
    depth = (0.9 / (seen @ normal)).reshape(DEPTH_SIZE[::-1])  # n . x = 0.9 m in the depth camera's frame

    found = Registration(g)(depth)

    turned = turn @ normal  # the same plane in the colour camera's frame
    offset = 0.9 + turned @ color_from_depth[:3, 3]
    truth = (offset / (rays(grid(COLOR_SIZE), COLOR_K, COLOR_LENS) @ turned)).reshape(COLOR_SIZE[::-1])
    filled = found > 0
    error_mm = 1000 * np.abs(found - truth)[filled]
    assert filled.mean() > 0.3
    # A pixel takes the nearest of its samples, which lie up to half a pixel beside its centre.
    half_pixel_mm = 1000 * np.abs(np.gradient(truth)).sum(axis=0)[filled]
    assert (error_mm <= 0.55 * half_pixel_mm + 0.05).all()
    inside = filled[90:270, 250:380]
    assert inside.all()  # no pinholes


def test_what_stands_in_front_hides_what_is_behind() -> None:
    g = geometry(transform(np.eye(3), np.array([-0.05, 0.0, 0.0])), lenses=False)
    depth = np.full(DEPTH_SIZE[::-1], 2.0)
    depth[60:90, 70:100] = 0.5
    found = Registration(g)(depth)
    # By parallax the box moves left by 306 * 0.05 / 0.5 = 31 px against where its rays were, the wall by 8 px.
    left, right = (306 * ((u - 83.2) / 126.2 - 0.05 / 0.5) + 319.6 for u in (70, 99))
    row = found[183]
    box = row[int(np.ceil(left)) + 1 : int(right)]
    np.testing.assert_allclose(box, 0.5, atol=1e-6)
    np.testing.assert_allclose(row[int(left) - 20 : int(left) - 2], 2.0, atol=1e-6)
    # To its right lies what the depth camera could not see past the box: nothing is invented there.
    assert not row[int(np.ceil(right)) + 2 : int(right) + 15].any()


def test_no_reading_gives_none_and_no_mean_of_two_surfaces() -> None:
    register = Registration(geometry(np.eye(4), lenses=False))
    assert not register(np.zeros(DEPTH_SIZE[::-1])).any()
    depth = np.full(DEPTH_SIZE[::-1], 1.0)
    depth[:, 80:] = 1.2
    depth[40:50, 20:30] = 0
    found = register(depth)
    assert set(np.unique(np.round(found[found > 0], 4)).tolist()) == set(np.round(np.float32([1.0, 1.2]), 4).tolist())
    u, v = (306 * (25 - 83.2) / 126.2 + 319.6, 306 * (45 - 87.2) / 126.2 + 183.0)
    assert found[int(v), int(u)] == 0


def test_points_beside_the_image_or_behind_the_camera_are_left_out() -> None:
    half_turn = transform(np.diag([-1.0, 1.0, -1.0]), np.zeros(3))
    assert not Registration(geometry(half_turn, lenses=False))(np.full(DEPTH_SIZE[::-1], 1.0)).any()
    aside = transform(np.eye(3), np.array([5.0, 0.0, 0.0]))
    assert not Registration(geometry(aside, lenses=False))(np.full(DEPTH_SIZE[::-1], 1.0)).any()
