"""The object among things: each rule takes the thing it names, and a lone object stays as it was segmented."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from sparsedff.distill.objects.choosers.base import NO_GUIDE, Guide
from sparsedff.distill.objects.pick import HAND_REACH_M, pick_object
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.objects.things import find_things, one_thing
from sparsedff.errors import ConfigError
from tests.support.box_scenes import segmented, standing_box

SETTINGS = ObjectSettings(point=(0.1, -0.2))
LARGE = standing_box(0.0, 0.0, 0.05, 0.04, 0.12)
FLAT = standing_box(0.0, 0.16, 0.05, 0.05, 0.05)
SMALL = standing_box(0.12, -0.15, 0.02, 0.03, 0.09)
ELSEWHERE = standing_box(-0.05, 0.08, 0.03, 0.021, 0.088)
"""SMALL moved and turned by a quarter, and a little off in size."""


@pytest.mark.parametrize(
    ("rule", "guide", "box", "words"),
    [
        ("largest", NO_GUIDE, LARGE, "taken is the largest, 10 x 8 cm and 12 cm high at x 0.00"),
        ("nearest", NO_GUIDE, SMALL, r"nearest to object.point \(0.1, -0.2\)"),
        ("hand", Guide(hand=np.array([[0.0, 0.2, 0.06], [0.0, 0.12, 0.06], [0.0, 0.2, 0.3]])), FLAT, "the hand holds"),
        ("hand", NO_GUIDE, LARGE, "the largest, for no hand is known"),
        ("likeness", Guide(like=one_thing(segmented(ELSEWHERE))), SMALL, "most like data1's object"),
        ("likeness", NO_GUIDE, LARGE, "the largest, for no reference is known"),
    ],
)
def test_a_rule_takes_the_thing_that_it_names(rule: str, guide: Guide, box: np.ndarray, words: str) -> None:
    views = segmented(LARGE, FLAT, SMALL)
    found = pick_object(views, rule, guide, SETTINGS)
    points = one_thing(found.views).points
    np.testing.assert_allclose(points.max(axis=0), box[1], atol=0.006)
    np.testing.assert_allclose(points.min(axis=0)[:2], box[0][:2], atol=0.006)
    assert all((one.mask <= seen.mask).all() for one, seen in zip(found.views, views, strict=True))
    assert found.note.startswith("3 things in the workspace; taken is the ") and "\n" not in found.note
    assert re.search(words, found.note)


def test_of_things_of_one_size_the_tint_decides() -> None:
    twins = [standing_box(0.0, y, 0.03, 0.03, 0.08) for y in (-0.15, 0.15)]
    grey = Guide(like=one_thing(segmented(standing_box(0.1, 0.05, 0.03, 0.03, 0.08))))
    for order in (1, -1):
        first, second = twins[::order]  # the first is grey, the second red
        points = one_thing(pick_object(segmented(first, second), "likeness", grey, SETTINGS).views).points
        assert np.sign(points[:, 1].mean()) == np.sign(first[:, 1].mean())


def test_what_stands_beside_the_object_is_kept_as_an_obstacle() -> None:
    found = pick_object(
        segmented(LARGE, FLAT, standing_box(0.0, -0.35, 0.02, 0.02, 0.1)), "largest", NO_GUIDE, SETTINGS
    )
    gap = np.maximum(found.others - LARGE[1], LARGE[0] - found.others).clip(min=0)
    assert len(found.others) > 50 and np.linalg.norm(gap, axis=1).max() < HAND_REACH_M + 0.01
    assert (found.others[:, 1] > 0.1).all()  # the thing that is far away is not among them


@pytest.mark.parametrize("rule", ["all", "largest", "hand", "likeness"])
def test_a_lone_object_stays_as_it_was_segmented(rule: str) -> None:
    views = segmented(LARGE)
    found = pick_object(views, rule, NO_GUIDE, SETTINGS)
    assert all(one is seen for one, seen in zip(found.views, views, strict=True)) and len(found.others) == 0
    assert rule == "all" or found.note == "one thing in the workspace"


def test_all_keeps_everything() -> None:
    views = segmented(LARGE, FLAT, SMALL)
    found = pick_object(views, "all", NO_GUIDE, SETTINGS)
    assert found.views == views and "as asked for" in found.note


def test_a_view_that_shows_only_other_things_is_left_out() -> None:
    """A camera looks at the small box from behind a wall, which hides the large one from it."""
    views = segmented(LARGE, SMALL)
    things = find_things(views, SETTINGS)
    masks = [seen.mask.copy() for seen in views]
    masks[0][masks[0]] = things.labels[0] == 1
    blind = (replace(views[0], mask=masks[0]), *views[1:])
    assert [seen.index for seen in pick_object(blind, "largest", NO_GUIDE, SETTINGS).views] == [1, 2, 3]


def test_a_sheet_beside_the_object_is_said_and_left_out() -> None:
    views = segmented(LARGE, standing_box(0.0, 0.17, 0.05, 0.04, 0.03))
    found = pick_object(views, "largest", NO_GUIDE, SETTINGS)
    assert found.note == "one thing and 1 scrap in the workspace; the thing is taken"
    assert one_thing(found.views).points[:, 1].max() < 0.05


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"choose": ("likeness", "all")}, "object.choose: likeness is not for data1"),
        ({"choose": ("hand", "hand")}, "object.choose: hand is not for data2; choose one of all, largest, nearest"),
        ({"choose": ("hand", "best")}, "object.choose"),
        ({"gap_m": 0.0}, "object.gap_m"),
    ],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ObjectSettings(**values)  # type: ignore[arg-type]
