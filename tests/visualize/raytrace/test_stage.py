"""What a stage says it fills, and what it leaves out."""

import numpy as np
import pytest

from sparsedff.visualize.drawing import Drawing, Path3D, Points
from sparsedff.visualize.raytrace.stage import build
from tests.support.shapes import GREEN, RED, sphere, sphere_points, wall_points

FAR = Path3D(np.array([[0, 0, 9.0], [0, 0, 8.0]]))


def test_extent_holds_meshes_and_clouds_but_no_paths() -> None:
    extent = build(Drawing((FAR, sphere(), wall_points(0.5, count=9)))).extent()
    assert extent[:, 0].max() == pytest.approx(0.5) and extent[:, 2].max() <= 0.1 + 1e-12


def test_a_scene_of_a_path_alone_has_nothing_to_frame() -> None:
    with pytest.raises(ValueError, match="'approach' shows nothing"):
        build(Drawing((FAR,), "approach")).extent()


def test_strays_are_not_drawn_and_do_not_widen_the_picture() -> None:
    cloud = sphere_points(0.1)
    strays = np.array([[0.5, 0, 0], [0, 0.4, 0.3]])
    stage = build(Drawing((Points(np.concatenate([cloud.positions, strays]), GREEN),)))
    assert len(stage.surfels.positions) == len(cloud.positions)
    assert np.linalg.norm(stage.extent(), axis=1).max() < 0.101


def test_large_clouds_are_thinned_and_keep_their_shape_and_colour() -> None:
    surfels = build(Drawing((sphere_points(0.1, 100_000),))).surfels
    assert 10_000 < len(surfels.positions) <= 30_000
    assert np.allclose(np.linalg.norm(surfels.positions, axis=1), 0.1, atol=1e-3)
    assert np.allclose(surfels.colors, np.array(GREEN) / 255)
    assert np.abs((surfels.normals * surfels.positions).sum(axis=1)).min() > 0.098


def test_a_given_radius_is_kept() -> None:
    cloud = sphere_points(0.1, 500)
    assert (build(Drawing((Points(cloud.positions, RED, radius_m=0.004),))).surfels.radii == 0.004).all()


@pytest.mark.parametrize("count", [0, 1, 5, 7])
def test_clouds_of_few_points_are_drawn_as_they_are(count: int) -> None:
    assert len(build(Drawing((sphere_points(0.1, count),))).surfels.positions) == count
