"""`binearest_match`: points stay that are mutual nearest neighbours with a point of an adjacent view."""

from __future__ import annotations

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.pruning.neighbours import Mask, Points, Views, adjacent_neighbours
from sparsedff.distill.pruning.settings import PruningSettings


def binearest_match(cloud: FeatureCloud, settings: PruningSettings) -> Mask:
    """The rule: `mutual_neighbours` with `dis_threshold`."""
    return mutual_neighbours(cloud.points, cloud.view_index, settings.dis_threshold)


def mutual_neighbours(
    points: Points, views: Views, threshold_m: float, both_sides: bool = False, keep_lonely: bool = True
) -> Mask:
    """Mask (N,) of points that are mutual nearest neighbours with a point of an adjacent view.

    Args:
        points: (N, 3) [m].
        views: (N,) index of each point's view.
        threshold_m: neighbours must be nearer than this.
        both_sides: the point needs such a neighbour in both adjacent views, not only in one.
        keep_lonely: points without a near neighbour in either adjacent view stay too.
    """
    sides = adjacent_neighbours(points, views)
    near = [side.first < threshold_m for side in sides]
    matched = [side.mutual & close for side, close in zip(sides, near, strict=True)]
    keep = matched[0] & matched[1] if both_sides else matched[0] | matched[1]
    return keep | ~(near[0] | near[1]) if keep_lonely else keep
