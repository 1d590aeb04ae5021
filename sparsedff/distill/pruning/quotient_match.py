"""`quotient_match`: points stay whose nearest neighbour in an adjacent view is clearly nearer than the second."""

from __future__ import annotations

import numpy as np

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.pruning.neighbours import Mask, Neighbours, Points, Views, adjacent_neighbours
from sparsedff.distill.pruning.settings import PruningSettings


def quotient_match(cloud: FeatureCloud, settings: PruningSettings) -> Mask:
    """The rule: `distinct_neighbours` with `dis_threshold` and `quotient_threshold`."""
    return distinct_neighbours(cloud.points, cloud.view_index, settings.dis_threshold, settings.quotient_threshold)


def distinct_neighbours(
    points: Points, views: Views, threshold_m: float, quotient: float, keep_lonely: bool = True
) -> Mask:
    """Mask (N,) of points that have a distinct neighbour, see `is_distinct`, in one of the two adjacent views.

    With `keep_lonely` points without a near neighbour in either adjacent view stay too.

    Corrected: the two nearest points are compared. The published call takes the two farthest and keeps everything.
    Corrected: the right neighbour has its own distances. The published function reuses those of the left neighbour.
    """
    sides = adjacent_neighbours(points, views)
    keep = is_distinct(sides[0], threshold_m, quotient) | is_distinct(sides[1], threshold_m, quotient)
    lonely = (sides[0].first >= threshold_m) & (sides[1].first >= threshold_m)
    return keep | lonely if keep_lonely else keep


def is_distinct(neighbours: Neighbours, threshold_m: float, quotient: float) -> Mask:
    """Mask (N,): the nearest point is within `threshold_m`, and nearest / second nearest distance is below `quotient`.

    A second point farther than `threshold_m` counts as none.
    """
    second = np.where(neighbours.second < threshold_m, neighbours.second, np.inf)
    return (neighbours.first < threshold_m) & (neighbours.first < quotient * second)
