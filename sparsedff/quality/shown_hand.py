"""How the demonstrated hand lies to the reference object: near it, off it, or inside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.objects.things import one_thing
from sparsedff.geometry import Float, apply, inverse, project

_BEHIND_M = 0.005  # a reading so much nearer than a point hides it


@dataclass(frozen=True)
class ShownHand:
    """Where a hand is, by its surface points.

    Attributes:
        nearest_m: how far the nearest is from the object [m].
        inside_m: how deep the deepest is inside the object, by what the cameras see [m]; 0 where none is.
    """

    nearest_m: float
    inside_m: float


def shown_hand(hand: Float, views: Sequence[SegmentedView]) -> ShownHand:
    """Where a hand's surface points (N, 3) [m] are.

    A point is inside where two views, or the only one, show the object before it and none shows it free; its depth is
    its distance from the nearest point of the object that was seen, or from the table.
    """
    distance, _ = cKDTree(one_thing(views).points).query(hand)
    hidden, free = (np.sum(found, axis=0) for found in zip(*(_looked_for(hand, seen) for seen in views), strict=True))
    inside = (hidden >= min(2, len(views))) & (free == 0) & (hand[:, 2] > 0)
    depth = np.minimum(distance, np.abs(hand[:, 2]))
    return ShownHand(float(distance.min()), float(depth[inside].max()) if inside.any() else 0.0)


def _looked_for(points: Float, seen: SegmentedView) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the points (N, 3) [m] the object hides from a view, and which the view shows to be free; (N,) each."""
    view = seen.view
    local = apply(inverse(np.asarray(view.world_from_camera)), points)
    before = local[:, 2] > 1e-6
    u, v = np.rint(project(np.where(before[:, None], local, 1.0), view.intrinsics)).T
    width, height = view.image_size
    judged = before & (u >= 0) & (u < width) & (v >= 0) & (v < height)
    rows, columns = v[judged].astype(np.int64), u[judged].astype(np.int64)
    reading = view.depth_m[rows, columns]
    nearer = reading < local[judged, 2] - _BEHIND_M
    hidden, free = (np.zeros(len(points), dtype=bool) for _ in range(2))
    hidden[judged] = seen.mask[rows, columns] & nearer
    free[judged] = (reading > 0) & ~nearer
    return hidden, free
