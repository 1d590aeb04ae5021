"""Projection and rays are inverse to each other; framing is tight and complete."""

import numpy as np
import pytest

from sparsedff.visualize.raytrace.viewpoint import frame_points
from tests.support.shapes import straight_viewpoint


@pytest.mark.parametrize("seed", range(8))
def test_framing_holds_all_points_and_touches_the_margin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(200, 3)) * rng.uniform(0.02, 0.4, 3) + rng.normal(size=3)
    margin, size = 0.07, (300, 200) if seed % 2 else (150, 320)
    viewpoint = frame_points(points, rng.uniform(-4, 4), rng.uniform(-1.2, 1.2), size, margin=margin)
    uv, depth = viewpoint.project(points)
    assert (depth > 0).all()
    share = (uv + 0.5) / np.array(size)
    assert share.min() >= margin - 1e-9 and share.max() <= 1 - margin + 1e-9
    filled = np.ptp(share, axis=0)
    assert np.isclose(filled.max(), 1 - 2 * margin, atol=1e-9)  # one direction, from margin to margin


def test_the_eye_stands_at_the_azimuth_and_elevation_asked_for() -> None:
    viewpoint = frame_points(np.zeros((1, 3)), np.pi / 2, np.pi / 6, (100, 100))
    direction = viewpoint.eye / np.linalg.norm(viewpoint.eye)
    assert np.allclose(direction, [0, np.cos(np.pi / 6), np.sin(np.pi / 6)], atol=1e-9)
    assert viewpoint.eye[1] > 0


def test_points_along_a_ray_project_onto_its_pixel() -> None:
    viewpoint = frame_points(np.random.default_rng(0).normal(size=(20, 3)), 0.7, 0.4, (160, 120)).scaled(2)
    u, v = np.array([0.0, 37.5, 319.0]), np.array([239.0, 12.25, 0.0])
    uv, depth = viewpoint.project(viewpoint.eye + 2.5 * viewpoint.rays(u, v))
    assert np.allclose(uv, np.stack([u, v], axis=1), atol=1e-3)  # rays are in single precision
    assert np.allclose(depth, 2.5, atol=1e-5)


def test_moving_back_only_makes_things_smaller() -> None:
    points = np.random.default_rng(3).normal(size=(50, 3))
    viewpoint = frame_points(points, 0.3, 0.2, (100, 80))
    uv, depth = viewpoint.project(points)
    farther_uv, farther_depth = viewpoint.moved_back(0.5).project(points)
    assert np.allclose(farther_depth, depth + 0.5)
    center = np.array([49.5, 39.5])
    assert (np.abs(farther_uv - center) <= np.abs(uv - center)).all()


def test_scaling_keeps_the_edges_of_the_picture() -> None:
    viewpoint = straight_viewpoint()
    fine = viewpoint.scaled(3)
    assert (fine.width, fine.height) == (3 * viewpoint.width, 3 * viewpoint.height)
    assert np.allclose(
        fine.rays(np.array([-0.5]), np.array([-0.5])), viewpoint.rays(np.array([-0.5]), np.array([-0.5]))
    )
