"""The object among what was segmented: masks that show one thing, and a line that says which and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.objects.choosers.base import Choice, Guide
from sparsedff.distill.objects.choosers.registry import CHOOSERS
from sparsedff.distill.objects.settings import EVERYTHING, ObjectSettings
from sparsedff.distill.objects.things import Thing, Things, find_things
from sparsedff.geometry import one_a_cell

HAND_REACH_M = 0.15
OTHERS_CELL_M = 0.01


@dataclass(frozen=True, eq=False)
class Picked:
    """The object of a scene.

    Attributes:
        views: those that show it, with masks of it alone.
        others: (K, 3) [m] what else stands near it, thinned: the hand has to keep out of that too.
        note: how many things there were, which was taken and why.
    """

    views: tuple[SegmentedView, ...]
    others: NDArray[np.float64]
    note: str


def pick_object(views: Sequence[SegmentedView], rule: str, guide: Guide, settings: ObjectSettings) -> Picked:
    """Keep the object and leave out what else was segmented.

    Args:
        views: at least one, with masks that are not empty.
        rule: one of `choose`.
        guide: what is known of the object.
        settings: see `find_things` and the rules.
    """
    if rule == EVERYTHING:
        return Picked(tuple(views), np.empty((0, 3)), "all in the workspace is taken for the object, as asked for")
    things = find_things(views, settings)
    alone = len(things.each) == 1
    choice = Choice(0, "the only one") if alone else CHOOSERS.load(rule)(things.each, guide, settings)
    kept = [_only(seen, shown == choice.index) for seen, shown in zip(views, things.labels, strict=True)]
    others = [thing.points for index, thing in enumerate(things.each) if index != choice.index]
    near = _near(things.each[choice.index].points, np.concatenate([np.empty((0, 3)), *others]))
    return Picked(tuple(seen for seen in kept if seen.mask.any()), near, _note(things, choice))


def _near(points: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of other things' points (K, 3) [m] an even spread of those within a hand's reach of the object's (N, 3) [m]."""
    away, _ = cKDTree(points).query(others, distance_upper_bound=HAND_REACH_M)
    return one_a_cell(others[np.isfinite(away)], OTHERS_CELL_M)


def _only(seen: SegmentedView, shows: NDArray[np.bool_]) -> SegmentedView:
    """The view with those of its mask's pixels (P,) that show the object."""
    if shows.all():
        return seen
    mask = np.zeros_like(seen.mask)
    mask[seen.mask] = shows
    return SegmentedView(seen.index, seen.view, mask)


def _note(things: Things, choice: Choice) -> str:
    count, left = len(things.each), things.left_over
    scraps = f" and {left} {'scrap' if left == 1 else 'scraps'}" if left else ""
    if count == 1:
        return f"one thing{scraps} in the workspace" + ("; the thing is taken" if left else "")
    return f"{count} things{scraps} in the workspace; taken is {choice.reason}, {_describe(things.each[choice.index])}"


def _describe(thing: Thing) -> str:
    low, high = thing.points.min(axis=0), thing.points.max(axis=0)
    x, y = 0.5 * (low + high)[:2]
    wide, deep = (high - low)[:2]
    return f"{100 * wide:.0f} x {100 * deep:.0f} cm and {100 * high[2]:.0f} cm high at x {x:.2f}, y {y:.2f} m"
