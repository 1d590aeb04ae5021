"""Rigid alignment of two clouds by their features: a start for the optimiser, and a baseline without field and hand."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.geometry import rigid_fit

Float = NDArray[np.float64]


def align_by_features(
    reference: FeatureCloud, test: FeatureCloud, rng: np.random.Generator, draws: int = 500, inlier_m: float = 0.015
) -> Float:
    """test_from_reference (4, 4) by RANSAC over mutually nearest features, then ICP on the features' matches.

    Args:
        reference, test: clouds with the field's features.
        rng: of the draws.
        draws: triples tried.
        inlier_m: a match that lands this near its partner supports the motion [m].
    """
    forward, backward = _nearest(reference.features, test.features)
    mutual = np.flatnonzero(backward[forward] == np.arange(len(reference)))
    if len(mutual) < 3:  # features that match nothing: every point's nearest then
        mutual = np.arange(len(reference))
    a = reference.points[mutual].astype(np.float64)
    b = test.points[forward[mutual]].astype(np.float64)
    best, support = rigid_fit(a, b), -1
    for _ in range(draws):
        pick = rng.choice(len(a), 3, replace=len(a) < 3)
        guess = rigid_fit(a[pick], b[pick])
        count = int((_residuals(guess, a, b) < inlier_m).sum())
        if count > support:
            best, support = guess, count
    for _ in range(10):
        near = _residuals(best, a, b) < 2 * inlier_m
        if near.sum() < 3:
            break
        best = rigid_fit(a[near], b[near])
    return best


def _nearest(a: NDArray[np.float32], b: NDArray[np.float32], chunk: int = 1024) -> tuple[NDArray, NDArray]:
    """Index (A,) of the nearest row of b for each of a, and (B,) the other way round; trees gain nothing at 768-D."""
    first, second = torch.from_numpy(a), torch.from_numpy(b)
    half = 0.5 * second.square().sum(dim=1)
    forward = []
    best, backward = torch.full((len(b),), torch.inf), torch.zeros(len(b), dtype=torch.long)
    for begin in range(0, len(a), chunk):
        rows = first[begin : begin + chunk]
        distance = half - rows @ second.T  # half the squared distance, but for the row's own norm
        forward.append(distance.argmin(dim=1))
        nearest = (distance + 0.5 * rows.square().sum(dim=1, keepdim=True)).min(dim=0)
        closer = nearest.values < best
        best = torch.where(closer, nearest.values, best)
        backward = torch.where(closer, nearest.indices + begin, backward)
    return torch.cat(forward).numpy(), backward.numpy()


def _residuals(matrix: Float, a: Float, b: Float) -> Float:
    return np.asarray(np.linalg.norm(a @ matrix[:3, :3].T + matrix[:3, 3] - b, axis=1))
