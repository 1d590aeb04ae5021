"""Nearest neighbours of points in other views, found by kd-tree. The matching rules share them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Mask = NDArray[np.bool_]
Points = NDArray[np.floating]
Views = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """For each point its two nearest points in one other view.

    Attributes:
        first, second: (N,) distances [m]; infinite where there is no such point.
        mutual: (N,) whether the nearest point's own nearest point in this view is the point itself.
    """

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    mutual: Mask


def adjacent_neighbours(points: Points, views: Views) -> tuple[Neighbours, Neighbours]:
    """Neighbours in the previous and in the next view. The views form a ring, in the order of their indices.

    Args:
        points: (N, 3) [m].
        views: (N,) index of each point's view.
    """
    return neighbours_in_next_view(points, views, -1), neighbours_in_next_view(points, views, 1)


def neighbours_in_next_view(points: Points, views: Views, offset: int) -> Neighbours:
    """Neighbours of every point in the view that stands `offset` places further in the ring of views."""
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


def nearest_in_other_views(points: Points, views: Views) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """Per view, the distance [m] of each of its points to the nearest point of any other view, and that point's index.

    A cloud of a single view gives nothing.
    """
    for view in np.unique(views):
        mine, others = np.flatnonzero(views == view), np.flatnonzero(views != view)
        if len(others):
            distance, nearest = cKDTree(points[others]).query(points[mine])
            yield distance, others[nearest]
