"""Upper bounds: methods that are told the truth, to tell what features, optimiser and grasp each lose.

They run when `--methods` names them. `truth` leaves the features out: what it does not hold is lost by the grasp or by
the correspondence. `oracle features` leaves the optimiser in: what it loses beyond `truth` is lost by field and energy.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.evaluate.fitted_hand import fit_hand
from sparsedff.evaluate.methods import METHODS, Answer, Problem, answer_of, scaled_alike, transfer_with
from sparsedff.synthetic.truth import Truth

Float = NDArray[np.float64]

KERNELS_M = (0.02, 0.05, 0.12)
"""Widths over which oracle features differ: near a place, across a grip, across an object [m]."""
CHANNELS = 64
"""Of each width."""


def truth_mapped_hand(problem: Problem) -> Answer:
    """The demonstrated hand fitted to where the truth maps its surface points, outside the true object."""
    shown = problem.hand.surface_of(problem.demonstration)
    pose = fit_hand(
        problem.hand,
        problem.demonstration,
        problem.truth.map_points(shown),
        problem.truth.reference.distance(shown),
        problem.truth.test,
    )
    return answer_of(problem, pose)


def oracle_features(problem: Problem) -> Answer:
    """The method on features that are a smooth code of the reference point that each point truly belongs to."""
    reference, test = problem.raw
    places = reference.points.astype(np.float64)
    origins = reference_points(problem.truth, test.points.astype(np.float64))
    codes = coded(places), coded(origins)
    clouds: tuple[FeatureCloud, FeatureCloud] = (reference.with_features(codes[0]), test.with_features(codes[1]))
    return transfer_with(problem, scaled_alike(clouds))


def reference_points(truth: Truth, points: Float) -> Float:
    """The points (N, 3) [m] of the reference object's surface that the truth maps nearest to test points (N, 3) [m]."""
    surface = np.asarray(truth.reference.mesh_world.vertices, dtype=np.float64)
    return surface[cKDTree(truth.map_points(surface)).query(points)[1]]


def coded(places: Float) -> Float:
    """Random Fourier features (N, 3 * CHANNELS) of places (N, 3) [m]: their difference grows with distance.

    The inner product of two codes is the mean of Gaussian kernels of all widths on the distance of the places.
    """
    rng = np.random.default_rng(0)
    codes = []
    for width in KERNELS_M:
        waves = rng.normal(scale=1 / width, size=(3, CHANNELS))
        codes.append(np.cos(places @ waves + rng.uniform(0, 2 * np.pi, CHANNELS)))
    return np.concatenate(codes, axis=1)


BOUNDS: dict[str, Callable[[Problem], Answer]] = {
    "truth": truth_mapped_hand,
    "oracle features": oracle_features,
}
"""By their names in the table."""

ALL_METHODS = METHODS | BOUNDS
"""All that `--methods` may name; without it those of METHODS run."""
