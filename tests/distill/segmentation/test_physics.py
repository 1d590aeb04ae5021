"""The physics segmenter on scenes whose truth is known, and on the real mug."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.capture.model import Capture, View
from sparsedff.distill.distil import segment_views
from sparsedff.distill.segmentation.base import world_points
from sparsedff.distill.segmentation.physics import PhysicsSegmenter, flying_pixels
from sparsedff.distill.settings import PhysicsSettings, Workspace
from sparsedff.errors import DistillError
from tests.support.box_scenes import BOX_M, Seen, box_scene, capture_of, heights
from tests.support.paths import kitchen

TABLE = Workspace((-0.4, 0.4), (-0.4, 0.4), (-0.2, 0.6))


def iou(mask: np.ndarray, truth: np.ndarray) -> float:
    return float((mask & truth).sum() / (mask | truth).sum())


def true_mask(seen: Seen, min_height_m: float = 0.02) -> np.ndarray:
    return seen.on_box & (seen.height_m > min_height_m)


def test_the_scene_is_what_it_says() -> None:
    seen = box_scene()
    np.testing.assert_allclose(heights(seen.view), seen.height_m, atol=1e-6)
    assert 4000 < seen.on_box.sum() < 20000 and seen.height_m[~seen.on_box].max() < 1e-9
    assert seen.height_m[seen.on_box].max() == pytest.approx(BOX_M[1, 2])


@pytest.mark.parametrize("noise_m", [0.0, 0.001, 0.002])
@pytest.mark.parametrize("azimuth", [0.3, 2.0, 4.4])
def test_a_box_on_the_table_is_found(noise_m: float, azimuth: float) -> None:
    seen = box_scene(azimuth, noise_m)
    mask = PhysicsSegmenter().mask(seen.view, TABLE)
    assert mask.dtype == bool and iou(mask, true_mask(seen)) > 0.9


@pytest.mark.parametrize(("tilt", "lift"), [(5.0, 0.0), (-8.0, 0.0), (0.0, 0.03), (3.0, -0.02)])
def test_a_table_that_calibration_puts_askew_is_still_the_table(tilt: float, lift: float) -> None:
    seen = box_scene(noise_m=0.001, tilt_deg=tilt, lift_m=lift)
    assert iou(PhysicsSegmenter().mask(seen.view, TABLE), true_mask(seen)) > 0.9
    if abs(tilt) > 4:  # and would not be with a table that may not lean
        assert (
            iou(PhysicsSegmenter(PhysicsSettings(plane_max_tilt_deg=1.0)).mask(seen.view, TABLE), true_mask(seen)) < 0.9
        )


def test_the_plane_is_fitted_to_all_its_support() -> None:
    """Three noisy readings make a poor plane; thousands make one that is right to a fraction of the noise."""
    seen = box_scene(noise_m=0.003, tilt_deg=3.0)
    points = world_points(seen.view)
    points = points[TABLE.contains(points)]
    normal, offset = PhysicsSegmenter(PhysicsSettings(ransac_iterations=30))._table(points)
    corners = np.array([[x, y, 0] for x in (-0.15, 0.15) for y in (-0.15, 0.15)])
    table = corners @ Rotation.from_euler("x", 3, degrees=True).as_matrix().T
    assert np.abs(table @ normal - offset).max() < 0.0015 and normal[2] > 0


def test_minimum_height_is_measured_from_the_table() -> None:
    seen = box_scene(lift_m=0.02)
    for height in (0.01, 0.02, 0.06):
        mask = PhysicsSegmenter(PhysicsSettings(min_height_m=height)).mask(seen.view, TABLE)
        assert seen.height_m[mask].min() > height - 0.002
        assert iou(mask, true_mask(seen, height)) > 0.9


def test_a_flat_top_that_fills_the_workspace_is_not_taken_for_the_table() -> None:
    seen = box_scene(distance_m=0.6)
    tight = Workspace((-0.06, 0.06), (-0.05, 0.05), (-0.1, 0.3))
    inside = tight.contains(world_points(seen.view))
    top = seen.on_box & (seen.height_m > 0.119)
    assert top.sum() > 2 * (inside & ~seen.on_box).sum()
    mask = PhysicsSegmenter().mask(seen.view, tight)
    assert mask[top].mean() > 0.9


def test_where_only_the_object_is_seen_z_0_is_the_table() -> None:
    seen = box_scene()
    only = Workspace((-0.06, 0.06), (-0.05, 0.05), (0.05, 0.3))
    mask = PhysicsSegmenter().mask(seen.view, only)
    assert iou(mask, seen.on_box & (seen.height_m > 0.05)) > 0.9


def test_an_empty_table_or_box_gives_an_empty_mask() -> None:
    for seen in (box_scene(box=None, noise_m=0.002), box_scene(box=None)):
        assert not PhysicsSegmenter().mask(seen.view, TABLE).any()
    seen = box_scene()
    assert not PhysicsSegmenter().mask(seen.view, Workspace((2, 3), (2, 3), (0, 1))).any()
    blind = replace(seen.view, depth_m=np.zeros_like(seen.view.depth_m))
    assert not PhysicsSegmenter().mask(blind, TABLE).any()


def test_small_regions_are_noise() -> None:
    seen = box_scene(box=None)
    depth = np.array(seen.view.depth_m)
    depth[100:106, 150:156] -= 0.1  # 36 pixels over the table
    depth[150:162, 150:162] -= 0.1  # 144
    speckled = replace(seen.view, depth_m=depth)
    mask = PhysicsSegmenter(PhysicsSettings(min_object_pixels=50)).mask(speckled, TABLE)
    assert mask[151:161, 151:161].all() and not mask[99:107].any()
    few = PhysicsSegmenter(PhysicsSettings(min_object_pixels=5)).mask(speckled, TABLE)
    assert few[101:105, 151:155].all()


def test_flying_pixels_between_box_and_table_are_dropped() -> None:
    seen = box_scene()
    depth = np.array(seen.view.depth_m)
    edge = seen.on_box[:, 1:] != seen.on_box[:, :-1]
    rows, columns = np.nonzero(edge)
    far = np.maximum(depth[rows, columns], depth[rows, columns + 1])
    near = np.minimum(depth[rows, columns], depth[rows, columns + 1])
    flying = far - near > 0.06
    rows, columns = rows[flying], columns[flying]
    depth[rows, columns] = (far + near)[flying] / 2  # readings that lie on neither surface
    assert len(rows) > 30
    mask = PhysicsSegmenter().mask(replace(seen.view, depth_m=depth), TABLE)
    assert not mask[rows, columns].any()
    lenient = PhysicsSegmenter(PhysicsSettings(max_depth_step_m=1.0)).mask(replace(seen.view, depth_m=depth), TABLE)
    assert lenient[rows, columns].any()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32))
def test_flying_pixels_are_those_beside_a_jump(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    depth = (rng.integers(0, 4, (height, width)) * 0.015).astype(np.float32)
    expected = np.zeros((height, width), dtype=bool)
    for row in range(height):
        for column in range(width):
            for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if 0 <= r < height and 0 <= c < width and depth[row, column] > 0 and depth[r, c] > 0:
                    expected[row, column] |= abs(depth[row, column] - depth[r, c]) > 0.02
    np.testing.assert_array_equal(flying_pixels(depth, 0.02), expected)


def test_the_same_view_gives_the_same_mask() -> None:
    seen = box_scene(noise_m=0.003)
    first, again = (PhysicsSegmenter().mask(seen.view, TABLE) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_workspace_contains_what_is_strictly_inside() -> None:
    box = Workspace((0, 1), (-1, 1), (0, 2))
    points = np.array([[0.5, 0, 1], [0, 0, 1], [0.5, -2, 1], [0.5, 0, 2], [1.5, 0, 1]])
    assert box.contains(points).tolist() == [True, False, False, False, False]
    assert box.contains(points.reshape(1, 5, 3)).shape == (1, 5)


def test_a_view_without_the_object_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    scenes = [box_scene(1.0, serial="one"), box_scene(2.0, box=None, serial="empty"), box_scene(3.0, serial="three")]
    told: list[str] = []
    with caplog.at_level(logging.WARNING):
        found = segment_views(capture_of(*scenes), PhysicsSegmenter(), TABLE, told.append)
    assert [(seen.index, seen.view.serial) for seen in found] == [(0, "one"), (2, "three")]
    assert told == ["one", "empty", "three"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "capture box, view empty: no object found" in record.getMessage() and "\n" not in record.getMessage()


def test_no_view_with_an_object_is_an_error_that_names_the_capture(tmp_path: Path) -> None:
    capture = capture_of(box_scene(1.0, box=None), box_scene(2.0, box=None, serial="b"), name="bare")
    with pytest.raises(
        DistillError, match=r"^capture bare: no view shows an object .*workspace\.x.*min_height_m"
    ) as one:
        segment_views(capture, PhysicsSegmenter(), TABLE)
    assert "\n" not in str(one.value)
    on_disk = Capture("bare", capture.views, tmp_path / "bare")
    with pytest.raises(DistillError, match=f"^capture {tmp_path / 'bare'}: "):
        segment_views(on_disk, PhysicsSegmenter(), TABLE)


class Choosy(PhysicsSegmenter):
    """Cannot look at views whose serial begins with x, as a segmenter without a place for its prompts cannot."""

    def mask(self, view: View, workspace: Workspace) -> np.ndarray:
        if view.serial.startswith("x"):
            raise DistillError(f"view {view.serial}: no prompt")
        return super().mask(view, workspace)


def test_a_view_that_cannot_be_segmented_is_left_out_unless_none_is_left(caplog: pytest.LogCaptureFixture) -> None:
    scenes = [box_scene(1.0, serial="x1"), box_scene(2.0, serial="b"), box_scene(3.0, box=None, serial="c")]
    told: list[str] = []
    found = segment_views(capture_of(*scenes), Choosy(), TABLE, told.append)
    assert [seen.index for seen in found] == [1] and told == ["x1", "b", "c"]
    assert "view x1: no prompt; the other views are used" in caplog.records[0].getMessage()
    alone = capture_of(scenes[0], scenes[2])
    with pytest.raises(DistillError, match=r"^capture box: no view is usable; view x1: no prompt$"):
        segment_views(alone, Choosy(), TABLE)


@pytest.mark.parametrize("name", ["white_mug_reference", "white_mug_moved"])
def test_the_real_mug_is_found_in_every_view(name: str, caplog: pytest.LogCaptureFixture) -> None:
    truth = json.loads((kitchen() / "truth.json").read_text())["mug"][name]
    box = Workspace((-0.19, 0.19), (-0.19, 0.19), (0.0, 0.2))
    found = segment_views(load_capture(kitchen() / name), PhysicsSegmenter(), box)
    assert len(found) == 4 and not caplog.records
    shares = []
    for seen in found:
        points = world_points(seen.view)[seen.mask]
        assert len(points) > 1000
        offset = points[:, :2] - truth["axis_xy_m"]
        radius = np.linalg.norm(offset, axis=1)
        azimuth = np.degrees(np.arctan2(offset[:, 1], offset[:, 0])) - truth["handle_azimuth_deg"]
        beside_handle = np.abs((azimuth + 180) % 360 - 180) < 50
        on_mug = (radius < truth["outer_radius_m"] + 0.012) | (beside_handle & (radius < 0.1))
        on_mug &= points[:, 2] < truth["height_m"] + 0.015
        shares.append(on_mug.mean())
        assert points[:, 2].min() > 0.01 and (points[:, 2] > 0.8 * truth["height_m"]).mean() > 0.1
    # What else stands in the box, a corner of a chair in two views, is no table either.
    assert min(shares) > 0.93 and np.mean(shares) > 0.97
