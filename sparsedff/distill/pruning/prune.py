"""Pruning: drop points on which the views do not agree (DESIGN section 1 item 6). Neighbours are found by kd-tree.

The published functions have slips (shared/data/golden/FINDINGS.md, section 3); ours differ where a docstring says
"Corrected".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.errors import ConfigError, DistillError

Mask = NDArray[np.bool_]
Points = NDArray[np.floating]
Views = NDArray[np.integer]

METHODS = ("vote_3D", "binearest_match", "quotient_match", "raw")


def prune(
    cloud: FeatureCloud, method: str, dis_threshold_m: float, quotient_threshold: float, keep_fraction: float
) -> FeatureCloud:
    """The cloud without the points that the method distrusts; order is kept.

    Raises:
        ConfigError: the method is none of METHODS.
        DistillError: no point is left.
    """
    choices: dict[str, Callable[[Points, Views], Mask]] = {
        "vote_3D": partial(vote, threshold_m=dis_threshold_m, keep_fraction=keep_fraction),
        "binearest_match": partial(mutual_neighbours, threshold_m=dis_threshold_m),
        "quotient_match": partial(distinct_neighbours, threshold_m=dis_threshold_m, quotient=quotient_threshold),
        "raw": lambda points, views: np.ones(len(points), dtype=np.bool_),
    }
    if method not in choices:
        raise ConfigError(f"method: must be one of {', '.join(METHODS)}, got {method!r}")
    keep = choices[method](cloud.points, cloud.view_index)
    if not keep.any():
        raise DistillError(f"pruning by {method} leaves no point; raise dis_threshold (now {dis_threshold_m:g} m)")
    return cloud.select(keep)


def ballots(points: Points, views: Views, threshold_m: float) -> NDArray[np.int64]:
    """Votes (N,) each point gets: every point votes for the nearest point of any other view within `threshold_m`.

    Corrected: a point without such a neighbour does not vote; the published one then votes for point 0.
    """
    votes = np.zeros(len(points), dtype=np.int64)
    for view in np.unique(views):
        mine, others = np.flatnonzero(views == view), np.flatnonzero(views != view)
        if len(others) == 0:
            continue
        distance, nearest = cKDTree(points[others]).query(points[mine])
        chosen = others[nearest[distance <= threshold_m]]
        np.add.at(votes, chosen, 1)
    return votes


def vote(points: Points, views: Views, threshold_m: float, keep_fraction: float) -> Mask:
    """`vote_3D`: the share `keep_fraction` of points with most votes (N,); among ties the earlier ones stay.

    A single view has nobody to ask: everything stays.
    """
    if len(np.unique(views)) < 2:
        return np.ones(len(points), dtype=np.bool_)
    order = np.argsort(-ballots(points, views, threshold_m), kind="stable")
    keep = np.zeros(len(points), dtype=np.bool_)
    keep[order[: max(1, int(keep_fraction * len(points)))]] = True
    return keep


@dataclass(frozen=True, eq=False)
class Neighbours:
    """For each point its two nearest points in one other view.

    Attributes:
        first, second: (N,) distances [m]; infinite where there is no such point.
        mutual: (N,) whether the nearest point's own nearest in the point's view is the point itself.
    """

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    mutual: Mask


def neighbours_in_next_view(points: Points, views: Views, offset: int) -> Neighbours:
    """Neighbours of every point in the view `offset` further on; views stand in a ring, in order of their index."""
    present = np.unique(views)
    first, second = np.full(len(points), np.inf), np.full(len(points), np.inf)
    mutual = np.zeros(len(points), dtype=np.bool_)
    for position, view in enumerate(present):
        other = present[(position + offset) % len(present)]
        if other == view:
            continue
        mine, theirs = np.flatnonzero(views == view), np.flatnonzero(views == other)
        distance, index = cKDTree(points[theirs]).query(points[mine], k=2)  # k = 2 pads with inf where there is one
        first[mine], second[mine] = distance[:, 0], distance[:, 1]
        _, back = cKDTree(points[mine]).query(points[theirs])
        mutual[mine] = back[index[:, 0]] == np.arange(len(mine))
    return Neighbours(first, second, mutual)


def mutual_neighbours(
    points: Points, views: Views, threshold_m: float, both_sides: bool = False, keep_lonely: bool = True
) -> Mask:
    """`binearest_match`: points (N,) that are mutual nearest neighbours, nearer than `threshold_m`, with a point of a
    neighbouring view (with `both_sides` of both), and with `keep_lonely` those that have nobody near in either.
    """
    sides = [neighbours_in_next_view(points, views, offset) for offset in (-1, 1)]
    near = [side.first < threshold_m for side in sides]
    matched = [side.mutual & close for side, close in zip(sides, near, strict=True)]
    keep = matched[0] & matched[1] if both_sides else matched[0] | matched[1]
    return keep | ~(near[0] | near[1]) if keep_lonely else keep


def distinct_neighbours(
    points: Points, views: Views, threshold_m: float, quotient: float, keep_lonely: bool = True
) -> Mask:
    """`quotient_match`: points (N,) whose nearest neighbour in a neighbouring view is clearly nearer than the second,
    and with `keep_lonely` those that have nobody near in either view.

    Corrected: the two nearest are compared (the published call takes the two farthest and keeps everything), and the
    right neighbour has its own distances (the published one reuses the left's).
    """
    sides = [neighbours_in_next_view(points, views, offset) for offset in (-1, 1)]
    keep = is_distinct(sides[0], threshold_m, quotient) | is_distinct(sides[1], threshold_m, quotient)
    lonely = (sides[0].first >= threshold_m) & (sides[1].first >= threshold_m)
    return keep | lonely if keep_lonely else keep


def is_distinct(neighbours: Neighbours, threshold_m: float, quotient: float) -> Mask:
    """(N,) nearest within `threshold_m` and nearest / second < `quotient`; a second one farther off counts as none."""
    second = np.where(neighbours.second < threshold_m, neighbours.second, np.inf)
    return (neighbours.first < threshold_m) & (neighbours.first < quotient * second)
