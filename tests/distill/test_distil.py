"""From capture to cloud: grids, points on the true surface, one cloud of all views, values that check themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Capture, Rig
from sparsedff.distill.backbones.base import ObjectView
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.distil import (
    AUTHORS_PIXELS_PER_METRE,
    SegmentedView,
    concatenate,
    distil,
    object_view,
    segment_views,
)
from sparsedff.distill.segmentation.physics import PhysicsSegmenter
from sparsedff.distill.settings import Workspace
from sparsedff.errors import DistillError
from sparsedff.geometry import apply, inverse, project
from sparsedff.synthetic.rendering.rays import resize_rig
from sparsedff.synthetic.rendering.scene import PlacedObject, Scene
from sparsedff.synthetic.rendering.sensor import NOISELESS
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.sample import RIG_FOLDER, placed_monkey
from tests.support.box_scenes import box_scene, capture_of

BOX = Workspace((-0.3, 0.3), (-0.3, 0.3), (-0.1, 0.4))


@dataclass(frozen=True)
class PixelBackbone:
    """A backbone whose features say where in the image they were taken: (u, v, which view)."""

    name: str = "pixels"

    def extract(self, views: Sequence[ObjectView]) -> list[NDArray[np.float32]]:
        maps = []
        for index, view in enumerate(views):
            u, v = view.cell_centres()
            maps.append(np.stack([u, v, np.full(view.grid, index)], axis=-1).astype(np.float32))
        return maps


@pytest.fixture(scope="module")
def monkey() -> PlacedObject:
    return placed_monkey("monkey_original")


@pytest.fixture(scope="module")
def exact(monkey: PlacedObject) -> Capture:
    """The packaged monkey by the authors' four cameras with perfect lenses and sensors."""
    rig = resize_rig(load_rig(RIG_FOLDER), 320)
    perfect = tuple(replace(camera, distortion=np.zeros(8)) for camera in rig.cameras)
    return SimulatedRig(Rig(perfect, rig.cam0_from_world)).take("exact", Scene(monkey), NOISELESS)


@pytest.fixture(scope="module")
def seen(exact: Capture) -> tuple[SegmentedView, ...]:
    return segment_views(exact, PhysicsSegmenter(), BOX)


def test_points_lie_on_the_true_surface_in_all_views(seen: tuple[SegmentedView, ...], monkey: PlacedObject) -> None:
    cloud = distil(seen, PixelBackbone(), 14)
    assert set(cloud.view_index.tolist()) == {0, 1, 2, 3}
    assert np.abs(monkey.distance(cloud.points.astype(np.float64))).max() < 1e-3
    assert cloud.points[:, 2].min() > 0.015
    assert cloud.points.dtype == np.float32 and cloud.colors.dtype == np.uint8


def test_a_points_feature_colour_and_place_are_of_one_pixel(seen: tuple[SegmentedView, ...]) -> None:
    cloud = distil(seen, PixelBackbone(), 14)
    for order, one in enumerate(seen):
        mine = cloud.select(cloud.view_index == one.index)
        assert (mine.features[:, 2] == order).all()
        pixels = project(apply(inverse(one.view.world_from_camera), mine.points), one.view.intrinsics)
        # The feature is the cell centre's; the point is the pixel's that is nearest to it.
        assert np.abs(pixels - mine.features[:, :2]).max() <= 0.5 + 1e-3
        u, v = np.rint(pixels).astype(int).T
        assert one.mask[v, u].all()
        np.testing.assert_array_equal(mine.colors, one.view.color_rgb[v, u])


def test_the_number_of_points_follows_scale(seen: tuple[SegmentedView, ...]) -> None:
    counts = {scale: len(distil(seen, PixelBackbone(), scale)) for scale in (14, 28, 56)}
    assert counts[14] / counts[28] == pytest.approx(4, rel=0.15)
    assert counts[28] / counts[56] == pytest.approx(4, rel=0.35)
    # A cell is `scale` pixels of the authors' image, never less than a pixel of this one.
    metres_per_pixel = [float(np.median(o.view.depth_m[o.mask])) / o.view.intrinsics[0, 0] for o in seen]
    area = sum(one.mask.sum() * size**2 for one, size in zip(seen, metres_per_pixel, strict=True))
    assert counts[28] * (28 / AUTHORS_PIXELS_PER_METRE) ** 2 == pytest.approx(area, rel=0.1)
    finest = sum(int(one.mask.sum()) for one in seen)
    assert len(distil(seen, PixelBackbone(), 1e-3)) == finest


def test_density_on_the_object_does_not_depend_on_resolution() -> None:
    one = box_scene()
    half = replace(
        one.view,
        color_rgb=np.ascontiguousarray(one.view.color_rgb[::2, ::2]),
        depth_m=np.ascontiguousarray(one.view.depth_m[::2, ::2]),
        intrinsics=np.diag([0.5, 0.5, 1.0]) @ one.view.intrinsics,
    )
    counts = [
        len(distil(segment_views(Capture("c", (view,)), PhysicsSegmenter(), BOX), PixelBackbone(), 14))
        for view in (one.view, half)
    ]
    assert counts[0] == pytest.approx(counts[1], rel=0.12) and counts[0] > 100


def test_views_keep_their_number_where_one_sees_nothing() -> None:
    scenes = [box_scene(0.5, serial="a"), box_scene(1.5, box=None, serial="b"), box_scene(2.5, serial="c")]
    cloud = distil(segment_views(capture_of(*scenes), PhysicsSegmenter(), BOX), PixelBackbone(), 14)
    assert set(cloud.view_index.tolist()) == {0, 2}


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.floats(1, 100))
def test_the_grid_covers_the_masks_bounding_box(seed: int, scale: float) -> None:
    rng, view = np.random.default_rng(seed), box_scene().view
    mask = np.zeros(view.depth_m.shape, dtype=bool)
    rows, columns = np.sort(rng.integers(0, 300, 2)), np.sort(rng.integers(0, 400, 2))
    mask[rows, columns] = True
    found = object_view(view, mask, scale)
    assert found.box == (columns[0], rows[0], columns[1] + 1, rows[1] + 1)
    u, v = found.cell_centres()
    assert u.shape == v.shape == found.grid and min(found.grid) >= 1
    # Cell centres are the middles of equal parts of the box, whose edges lie half a pixel outside its pixels.
    width, height = found.box[2] - found.box[0], found.box[3] - found.box[1]
    np.testing.assert_allclose(u[0] + 0.5 - found.box[0], (np.arange(found.grid[1]) + 0.5) * width / found.grid[1])
    np.testing.assert_allclose(v[:, 0] + 0.5 - found.box[1], (np.arange(found.grid[0]) + 0.5) * height / found.grid[0])
    step = max(1.0, scale * found.pixels_per_metre / AUTHORS_PIXELS_PER_METRE)
    assert found.grid == (max(1, round(height / step)), max(1, round(width / step)))


def test_an_object_thinner_than_the_grid_still_gives_a_point() -> None:
    view = box_scene().view
    mask = np.zeros(view.depth_m.shape, dtype=bool)
    mask[100, 100] = mask[150, 250] = True  # two pixels, no cell centre on either
    cloud = distil([SegmentedView(0, view, mask)], PixelBackbone(), 500)
    assert len(cloud) == 1
    np.testing.assert_array_equal(cloud.colors[0], view.color_rgb[100, 100])


def small_cloud(n: int = 4, channels: int = 2, view: int = 0) -> FeatureCloud:
    rng = np.random.default_rng(view)
    colors = rng.integers(0, 256, (n, 3), dtype=np.uint8)
    features = rng.normal(size=(n, channels)).astype(np.float32)
    return FeatureCloud(rng.normal(size=(n, 3)).astype(np.float32), colors, features, np.full(n, view))


def test_clouds_are_joined_selected_and_given_other_features() -> None:
    a, b = small_cloud(4, view=0), small_cloud(3, view=1)
    both = concatenate([a, b])
    assert len(both) == 7 and both.view_index.tolist() == [0] * 4 + [1] * 3
    np.testing.assert_array_equal(both.select(np.array([5, 1])).points, [b.points[1], a.points[1]])
    np.testing.assert_array_equal(both.select(both.view_index == 1).features, b.features)
    other = a.with_features(np.ones((4, 9)))
    assert other.features.shape == (4, 9) and other.features.dtype == np.float32
    np.testing.assert_array_equal(other.points, a.points)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": np.zeros((3, 2), np.float32)}, "equally long .*'features': 3"),
        ({"points": np.full((4, 3), np.nan, np.float32)}, "NaN or infinity"),
        ({"features": np.full((4, 2), np.inf, np.float32)}, "NaN or infinity"),
    ],
)
def test_a_cloud_that_contradicts_itself_is_refused(change: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(DistillError, match=message):
        replace(small_cloud(), **change)  # type: ignore[arg-type]


def test_an_empty_cloud_is_refused() -> None:
    with pytest.raises(DistillError, match="not empty"):
        small_cloud().select(np.zeros(4, dtype=bool))
