"""Non-rigid alignment of two clouds by their features: coherent point drift from a rigid start.

Symbols (Myronenko and Song 2010, with feature distances added to the correspondence):

    x_n (N, 3)  test points [m]                 y_m (M, 3)  reference points, rigidly aligned [m]
    G   (M, M)  exp(-|y_i - y_j|^2 / 2 beta^2)  W   (M, 3)  weights of the displacement v(y) = G(y) W [m]
    P   (M, N)  probability that x_n shows y_m  s2          variance of the positions [m^2]

Each round computes P from the distances of displaced points and features, then solves
(diag(P1) G + lambda s2 I) W = P X - diag(P1) Y and updates s2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.geometry import apply
from sparsedff.transfer.align import align_by_features

Float = NDArray[np.float64]

_POINTS = 400  # of each cloud: cost grows with their product
_BETA_M = 0.08  # points closer than this move together
_STIFFNESS = 2.0  # lambda
_OUTLIERS = 0.1  # share of points without a partner
_ROUNDS = 40
_START_SIGMA_M, _LEAST_SIGMA_M = 0.03, 0.004


@dataclass(frozen=True, eq=False)
class Displacement:
    """A smooth map from the reference scene to the test scene.

    Attributes:
        test_from_reference: (4, 4), the rigid part.
        centres: (M, 3) [m] rigidly aligned reference points.
        weights: (M, 3) [m] of the kernel at the centres.
    """

    test_from_reference: Float
    centres: Float
    weights: Float

    def __call__(self, points: Float) -> Float:
        """Where points (K, 3) [m] of the reference scene are in the test scene."""
        moved = apply(self.test_from_reference, points)
        return np.asarray(moved + _kernel(moved, self.centres) @ self.weights)


def align_nonrigid(reference: FeatureCloud, test: FeatureCloud, rng: np.random.Generator) -> Displacement:
    """The displacement that brings the reference cloud onto the test cloud.

    Args:
        reference, test: clouds with the field's features.
        rng: of the subsample and of the rigid start.
    """
    rigid = align_by_features(reference, test, rng)
    some, others = (_subsample(cloud, rng) for cloud in (reference, test))
    y, x = apply(rigid, some.points.astype(np.float64)), others.points.astype(np.float64)
    features = cdist(some.features, others.features, "cityblock")
    similarity = np.exp(
        -3 * features / max(float(np.median(features.min(axis=1))), 1e-9)
    )  # small beyond a typical best match
    kernel, weights, variance = _kernel(y, y), np.zeros_like(y), _START_SIGMA_M**2
    for _ in range(_ROUNDS):
        moved = y + kernel @ weights
        squares = cdist(moved, x, "sqeuclidean")
        joint = np.exp(-squares / (2 * variance)) * similarity
        floor = _OUTLIERS / (1 - _OUTLIERS) * np.median(joint.max(axis=0))
        p = joint / (joint.sum(axis=0) + floor + 1e-300)
        mass = p.sum(axis=1)
        system = mass[:, None] * kernel + _STIFFNESS * variance * np.eye(len(y))
        weights = np.linalg.solve(system, p @ x - mass[:, None] * y)
        variance = max(float((p * squares).sum() / (3 * max(p.sum(), 1e-9))), _LEAST_SIGMA_M**2)
    return Displacement(rigid, y, weights)


def _kernel(a: Float, b: Float) -> Float:
    return np.asarray(np.exp(-cdist(a, b, "sqeuclidean") / (2 * _BETA_M**2)))


def _subsample(cloud: FeatureCloud, rng: np.random.Generator) -> FeatureCloud:
    if len(cloud) <= _POINTS:
        return cloud
    return cloud.select(np.sort(rng.choice(len(cloud), _POINTS, replace=False)))
