"""Silhouettes, depths and who hides whom, against closed forms."""

import numpy as np
import pytest

from sparsedff.visualize.drawing import Drawing, Mesh, Path3D, Points
from sparsedff.visualize.raytrace.buffers import NOTHING, Buffers, draw_buffers
from sparsedff.visualize.raytrace.stage import build
from tests.support.shapes import RED, sphere, sphere_points, sphere_silhouette, straight_viewpoint, wall, wall_points


def draw(*items, viewpoint=None) -> Buffers:
    return draw_buffers(build(Drawing(items)), viewpoint or straight_viewpoint())


def test_a_sphere_covers_the_area_of_its_projection() -> None:
    drawn = draw(sphere(0.15), viewpoint=straight_viewpoint(1.0, 300.0))
    assert (drawn.item == 0).sum() == pytest.approx(sphere_silhouette(0.15, 1.0, 300.0), rel=0.01)


def test_a_cloud_on_a_sphere_covers_the_same_area_without_holes() -> None:
    drawn = draw(sphere_points(0.15), viewpoint=straight_viewpoint(1.0, 300.0))
    expected = sphere_silhouette(0.15, 1.0, 300.0)
    assert (drawn.item == 0).sum() == pytest.approx(expected, rel=0.06)  # discs reach a little over the rim
    v, u = np.mgrid[0:90, 0:120]
    inside = np.hypot(u - 59.5, v - 44.5) < np.sqrt(expected / np.pi) - 1
    assert (drawn.item[inside] == 0).all()


@pytest.mark.parametrize("shape", [wall, wall_points])
def test_depth_of_a_plane_straight_ahead_is_its_distance(shape) -> None:
    depth = draw(shape(0.25)).depth
    hit = np.isfinite(depth)
    assert hit.sum() == pytest.approx((0.2 * 200 / 0.75) ** 2, rel=0.12)  # a cloud reaches one disc over its rim
    assert np.allclose(depth[hit], 0.75, atol=1e-5)


def test_depth_of_a_slanted_plane_of_points_follows_the_plane() -> None:
    flat = wall_points(0.0)
    slanted = Points(flat.positions + 0.8 * flat.positions[:, [2, 0, 0]] * [1, 0, 0], RED)  # x = 0.8 z
    viewpoint = straight_viewpoint()
    depth = draw(slanted, viewpoint=viewpoint).depth
    v, u = np.nonzero(np.isfinite(depth))
    hit = viewpoint.eye + depth[v, u, None] * viewpoint.rays(u, v)
    inner = np.abs(hit[:, 1:]).max(axis=1) < 0.085
    assert inner.sum() > 500 and np.abs(hit[inner, 0] - 0.8 * hit[inner, 2]).max() < 1e-3


@pytest.mark.parametrize("near", [wall, wall_points])
@pytest.mark.parametrize("far", [wall, wall_points])
@pytest.mark.parametrize("swap", [False, True])
def test_the_nearer_item_hides_the_farther_one(near, far, swap: bool) -> None:
    items = [near(0.1, half=0.05), far(-0.1, half=0.1)]
    drawn = draw(*(reversed(items) if swap else items))
    front = 1 if swap else 0
    assert drawn.item[45, 60] == front
    assert (drawn.item == front).sum() == pytest.approx((0.1 * 200 / 0.9) ** 2, rel=0.2)
    assert (drawn.item == 1 - front).sum() > 500


def test_a_surface_in_front_is_not_mixed_with_the_one_behind() -> None:
    drawn = draw(wall_points(0.05, color=(250, 0, 0)), wall_points(0.0, color=(0, 250, 0)))
    front = drawn.item[np.divmod(drawn.pixel, 120)] == 0
    assert front.sum() > 1000 and np.allclose(drawn.color[front], [250 / 255, 0, 0], atol=1e-5)


def test_normals_point_to_the_camera_whatever_the_winding() -> None:
    square = wall(0.0)
    for mesh in (square, Mesh(square.vertices, square.faces[:, ::-1], RED), wall_points(0.0)):
        assert np.allclose(draw(mesh).normal, [1, 0, 0], atol=1e-3)


def test_a_path_is_drawn_as_spheres() -> None:
    drawn = draw(Path3D(np.array([[0, 0, 0.0]]), radius_m=0.1), viewpoint=straight_viewpoint(1.0, 300.0))
    assert (drawn.item == 0).sum() == pytest.approx(sphere_silhouette(0.1, 1.0, 300.0), rel=0.1)


def test_an_item_behind_the_camera_is_not_seen() -> None:
    for item in (wall(2.0), wall_points(2.0), sphere(0.1, (2, 0, 0))):
        assert (draw(item).item == NOTHING).all()


def test_a_scene_without_anything_is_empty() -> None:
    drawn = draw(Points(np.zeros((0, 3)), RED))
    assert (drawn.item == NOTHING).all() and len(drawn.pixel) == 0
