"""Things: what stands apart is told apart, pieces of one object are not, and what is left over is no thing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.objects.things import NOTHING, find_things, one_thing
from tests.support.box_scenes import segmented, standing_box

SETTINGS = ObjectSettings()
BOX = standing_box(0.0, 0.0, 0.05, 0.04, 0.12)
BESIDE = standing_box(0.0, 0.15, 0.03, 0.03, 0.08)


def test_what_stands_apart_is_told_apart_in_all_views_alike() -> None:
    views = segmented(BOX, BESIDE)
    found = find_things(views, SETTINGS)
    assert len(found.each) == 2 and found.left_over == 0
    for seen, labels in zip(views, found.labels, strict=True):
        assert len(labels) == seen.mask.sum()
        red = seen.view.color_rgb[seen.mask][:, 0].astype(int) - seen.view.color_rgb[seen.mask][:, 1] > 50
        np.testing.assert_array_equal(labels == 1, red)
    for thing, (low, high) in zip(found.each, (BOX, BESIDE), strict=True):  # the largest first
        np.testing.assert_allclose(thing.points.max(axis=0), high, atol=0.006)
        np.testing.assert_allclose(thing.points.min(axis=0)[:2], low[:2], atol=0.006)
    assert len(one_thing(views).points) == sum(len(thing.points) for thing in found.each)


def test_things_that_touch_are_one_thing() -> None:
    assert len(find_things(segmented(BOX, standing_box(0.0, 0.07, 0.03, 0.03, 0.08)), SETTINGS).each) == 1


def test_pieces_are_one_thing_where_no_camera_sees_through_between_them() -> None:
    """A post in front hides the middle of a bar from the only camera; seen from elsewhere, two bars stay two."""
    bar = standing_box(0.0, 0.0, 0.02, 0.12, 0.06)
    post = standing_box(0.13, 0.0, 0.01, 0.012, 0.12)
    hidden = find_things(segmented(bar, post, azimuths=(0.0,)), SETTINGS)
    assert sorted(np.ptp(thing.points[:, 1]) for thing in hidden.each) == pytest.approx([0.024, 0.24], abs=0.01)
    halves = (standing_box(0.0, -0.07, 0.02, 0.055, 0.06), standing_box(0.0, 0.07, 0.02, 0.055, 0.06))
    assert len(find_things(segmented(*halves), SETTINGS).each) == 2


def test_a_sheet_just_above_the_table_is_left_over_beside_an_object() -> None:
    """As a magazine is that lies a little higher than the table; alone it is the object."""
    sheet = standing_box(0.0, 0.17, 0.05, 0.04, 0.03)
    found = find_things(segmented(BOX, sheet), SETTINGS)
    assert len(found.each) == 1 and found.left_over == 1
    assert all((labels == NOTHING).any() for labels in found.labels)
    assert len(find_things(segmented(sheet), SETTINGS).each) == 1
    assert len(find_things(segmented(BOX, sheet), replace(SETTINGS, flat_m=0.0)).each) == 2


@pytest.mark.parametrize(("boxes", "dropped"), [((BOX,), False), ((BOX, BESIDE), True)])
def test_stray_pixels_stay_with_a_lone_object_only(boxes: tuple[np.ndarray, ...], dropped: bool) -> None:
    first, *others = segmented(*boxes)
    mask, depth = first.mask.copy(), np.array(first.view.depth_m)
    row, column = np.argwhere(~mask)[0]
    mask[row, column], depth[row, column] = True, 0.5
    stray = SegmentedView(first.index, replace(first.view, depth_m=depth), mask)
    found = find_things((stray, *others), SETTINGS)
    assert found.left_over == int(dropped)
    assert (found.labels[0] == NOTHING).sum() == int(dropped)
