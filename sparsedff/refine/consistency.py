"""View consistency: a measure of whether two views give the same spot of the object the same feature."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from sparsedff.refine.pairs import matches

_AT_ONCE = 512  # rows of a distance matrix


@dataclass(frozen=True)
class Consistency:
    """View consistency of a cloud.

    Attributes:
        hits: (a) share of overlapping points whose nearest feature in another view belongs to the same spot; 1 is best.
        ratio: (b) mean feature distance of pairs on the same spot over that of random pairs of the same views; 0 is
            best.
        points: number of overlapping points in (a).
        pairs: number of pairs in (b).
    """

    hits: float
    ratio: float
    points: int
    pairs: int


def view_consistency(
    points: NDArray[np.floating],
    view_index: NDArray[np.integer],
    features: NDArray[np.floating],
    asked: NDArray[np.bool_],
    radius_m: float = 0.01,
    seed: int = 0,
) -> Consistency:
    """Measure a cloud's features. They are compared by L1, as in the field.

    This is done for every ordered pair of views. A point of the first view overlaps if it is asked and some point of
    the second view lies within the radius. Its nearest feature is searched among *all* points of the second view.

    Args:
        points: (N, 3) [m].
        view_index: (N,).
        features: (N, C).
        asked: (N,) bool, the points that are measured, such as those held out from training.
        radius_m: points closer than this lie on the same spot [m].
        seed: of the random pairs.

    Returns:
        The measure. If nothing overlaps, its shares are NaN and its counts 0.
    """
    features = np.asarray(features, dtype=np.float32)
    rng = np.random.default_rng(seed)
    hits: list[NDArray[np.bool_]] = [np.zeros(0, dtype=bool)]
    true: list[NDArray[np.floating]] = [np.zeros(0)]
    random: list[NDArray[np.floating]] = [np.zeros(0)]
    for one, other in itertools.permutations(np.unique(view_index).tolist(), 2):
        mine, theirs = np.flatnonzero((view_index == one) & asked), np.flatnonzero(view_index == other)
        pairs = matches(points[mine], points[theirs], radius_m)
        if len(pairs) == 0:
            continue
        overlapping = mine[np.unique(pairs[:, 0])]
        found = theirs[_nearest(features[overlapping], features[theirs])]
        hits.append(np.linalg.norm(points[overlapping] - points[found], axis=1) < radius_m)
        first, second = mine[pairs[:, 0]], theirs[pairs[:, 1]]
        true.append(np.abs(features[first] - features[second]).mean(axis=1))
        second = rng.choice(theirs, len(first))
        random.append(np.abs(features[first] - features[second]).mean(axis=1))
    hit, near, far = (np.concatenate(parts) for parts in (hits, true, random))
    if len(hit) == 0:
        return Consistency(float("nan"), float("nan"), 0, 0)
    scale = float(far.mean())
    return Consistency(float(hit.mean()), float(near.mean()) / scale if scale else float("nan"), len(hit), len(near))


def _nearest(queries: NDArray[np.floating], candidates: NDArray[np.floating]) -> NDArray[np.int64]:
    """Index of the candidate (M, C) nearest to each query (Q, C) in L1."""
    rows = [cdist(queries[i : i + _AT_ONCE], candidates, "cityblock") for i in range(0, len(queries), _AT_ONCE)]
    return np.concatenate([row.argmin(axis=1) for row in rows])
