"""Rigid alignment of two clouds by their features: the baseline that needs no field and no hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.cloud import FeatureCloud

Float = NDArray[np.float64]


def best_rigid(source: Float, target: Float) -> Float:
    """target_from_source (4, 4) that minimises the squared distances of paired points (N, 3) [m] (Kabsch, 1976)."""
    source_middle, target_middle = source.mean(axis=0), target.mean(axis=0)
    u, _, vt = np.linalg.svd((target - target_middle).T @ (source - source_middle))
    rotation = u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, target_middle - rotation @ source_middle
    return matrix


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
    forward = cKDTree(test.features).query(reference.features)[1]
    backward = cKDTree(reference.features).query(test.features)[1]
    mutual = np.flatnonzero(backward[forward] == np.arange(len(reference)))
    if len(mutual) < 3:  # features that match nothing: every point's nearest then
        mutual = np.arange(len(reference))
    a = reference.points[mutual].astype(np.float64)
    b = test.points[forward[mutual]].astype(np.float64)
    best, support = best_rigid(a, b), -1
    for _ in range(draws):
        pick = rng.choice(len(a), 3, replace=len(a) < 3)
        guess = best_rigid(a[pick], b[pick])
        count = int((_misses(guess, a, b) < inlier_m).sum())
        if count > support:
            best, support = guess, count
    for _ in range(10):
        near = _misses(best, a, b) < 2 * inlier_m
        if near.sum() < 3:
            break
        best = best_rigid(a[near], b[near])
    return best


def _misses(matrix: Float, a: Float, b: Float) -> Float:
    return np.asarray(np.linalg.norm(a @ matrix[:3, :3].T + matrix[:3, 3] - b, axis=1))
