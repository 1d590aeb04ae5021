"""Positive pairs: points of two views that lie on the same spot of the object (docs/method.md, section 5)."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree


def matches(first: NDArray[np.floating], second: NDArray[np.floating], radius_m: float) -> NDArray[np.int64]:
    """All pairs of a point of one view and a point of another that lie closer than a radius.

    Args:
        first: (N, 3) [m].
        second: (M, 3) [m], same frame.
        radius_m: pairs strictly closer than this count, as published (`match_ij`).

    Returns:
        (P, 2) indices into first and second, ordered by the first, then the second.
    """
    if len(first) == 0 or len(second) == 0:
        return np.zeros((0, 2), dtype=np.int64)
    found = cKDTree(first).sparse_distance_matrix(cKDTree(second), radius_m, output_type="ndarray")
    found = found[found["v"] < radius_m]
    pairs = np.stack([found["i"], found["j"]], axis=1).astype(np.int64)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def cross_view_pairs(
    points: NDArray[np.floating], view_index: NDArray[np.integer], radius_m: float
) -> NDArray[np.int64]:
    """`matches` of every two views of a cloud, each pair once.

    Args:
        points: (N, 3) [m] of all views.
        view_index: (N,) which view a point comes from; any number of views.
        radius_m: see `matches`.

    Returns:
        (P, 2) indices into the cloud; the first belongs to the view of smaller index. Ordered by views, then points.
    """
    parts = [np.zeros((0, 2), dtype=np.int64)]
    members = [np.flatnonzero(view_index == view) for view in np.unique(view_index)]
    for one, other in itertools.combinations(members, 2):
        pairs = matches(points[one], points[other], radius_m)
        parts.append(np.stack([one[pairs[:, 0]], other[pairs[:, 1]]], axis=1))
    return np.concatenate(parts)
