"""Whether the test object has features like those that the demonstrated hand holds."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.cloud import FeatureCloud

_HELD_M, _HELD_SHARE = 0.02, 0.1  # points so near the hand are held, and at least this share of all
_POINTS = 500  # of each kind; more change nothing


def unlikeness(reference: FeatureCloud, test: FeatureCloud, hand: NDArray[np.floating]) -> float:
    """How far what is held is from anything on the test object, in features.

    The median over held points of the distance to the nearest feature on the test object, as a share of the median
    distance of two random points of the reference. 0 = the same features, 1 = no nearer than chance.

    Args:
        reference, test: clouds with the field's features.
        hand: (N, 3) [m] surface points of the demonstrated hand.
    """
    rng = np.random.default_rng(0)
    away, _ = cKDTree(hand).query(reference.points)
    held = np.flatnonzero(away <= max(_HELD_M, float(np.quantile(away, _HELD_SHARE))))
    features = reference.features
    nearest = _distances(features[_some(held, rng)], test.features).amin(dim=1)
    first, second = rng.integers(len(features), size=(2, 4 * _POINTS))
    usual = float(np.median(np.linalg.norm(features[first] - features[second], axis=1)))
    return float(nearest.median()) / max(usual, 1e-12)


def _some(index: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    return index if len(index) <= _POINTS else rng.choice(index, _POINTS, replace=False)


def _distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> torch.Tensor:
    return torch.cdist(torch.from_numpy(a), torch.from_numpy(b))
