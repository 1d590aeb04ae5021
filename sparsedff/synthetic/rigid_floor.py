"""The rigid floor of a pair: the contact error of the best motion that keeps the hand's contact points rigid.

No method that moves the demonstrated hand as a whole can do better; a method that beats the floor bends the grasp.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from sparsedff.errors import HandError
from sparsedff.geometry import apply, nearest_rotation, rigid_fit, transform
from sparsedff.synthetic.families.registry import family_of
from sparsedff.synthetic.truth import Truth

Float = NDArray[np.float64]

_COARSE_TURNS = 12
_ITERATIONS = 20  # of reweighting
_LEAST_M = 1e-6


def rigid_floor(truth: Truth, contacts_world: Float, whole_object: bool = False) -> float:
    """Least mean distance [m] between rigidly moved contact points and where the truth maps them.

    The motion minimises the sum of distances, not of squares (Kabsch's fit, reweighted), since contact errors are means
    of distances. Where the test object is symmetric, or the reference of a pair across families, the best of all equal
    truths counts.

    Args:
        truth: of the pair.
        contacts_world: (N, 3) [m] points of the demonstrated hand at the reference object, in the world.
        whole_object: the motion is instead Kabsch's fit of the whole object (its mesh, mapped): what a perfect rigid
            alignment of the two objects does at the contacts.

    Raises:
        HandError: no contact points.
    """
    contacts = np.asarray(contacts_world, dtype=np.float64).reshape(-1, 3)
    if not len(contacts):
        raise HandError("rigid floor: no contact points; the demonstrated hand touches nothing")
    guides = truth.reference.mesh_world.vertices[::7] if whole_object else None

    def error(turn_rad: float, truth: Truth = truth) -> float:
        turned = truth.turned(turn_rad)
        goal = turned.map_points(contacts)
        if guides is None:
            return best_rigid_error(contacts, goal)
        moved = apply(rigid_fit(guides, turned.map_points(guides)), contacts)
        return float(np.linalg.norm(moved - goal, axis=1).mean())

    turns = family_of(truth.test.shape.family).symmetry_of(truth.test.shape)
    if truth.grips is not None:
        ours = family_of(truth.reference.shape.family).symmetry_of(truth.reference.shape)
        equal = [truth.reference_turned(turn) for turn in _turns(ours)]
        return min(error(truth.turn_rad + turn, other) for other in equal for turn in _turns(max(turns, 1)))
    if turns:
        return min(error(truth.turn_rad + turn) for turn in _turns(turns))
    step = 2 * np.pi / _COARSE_TURNS
    starts = [truth.turn_rad + step * n for n in range(_COARSE_TURNS)]
    best = min(starts, key=error)
    found = minimize_scalar(error, bounds=(best - step, best + step), method="bounded", options={"xatol": 1e-3})
    return float(min(found.fun, error(best)))


def _turns(symmetry: int) -> Float:
    """Turns [rad] that leave a shape of `Family.symmetry` as it is; some of them where every turn does."""
    count = symmetry or _COARSE_TURNS
    return 2 * np.pi * np.arange(count) / count


def best_rigid_error(source: Float, target: Float) -> float:
    """Least mean distance [m] of rigidly moved points (N, 3) [m] to their partners (N, 3) [m].

    Weiszfeld's iteration on Kabsch's fit: far pairs count less each time, so that the sum of distances falls.
    """
    best, weights = np.inf, np.ones(len(source))
    for _ in range(_ITERATIONS):
        moved = apply(_weighted_fit(source, target, weights), source)
        misses = np.linalg.norm(moved - target, axis=1)
        if misses.mean() > best - 1e-9:
            return float(min(best, misses.mean()))
        best, weights = misses.mean(), 1.0 / np.maximum(misses, _LEAST_M)
    return float(best)


def _weighted_fit(source: Float, target: Float, weights: Float) -> Float:
    """target_from_source (4, 4) of least squared distances of pairs (N, 3) [m] that count by weights (N,)."""
    share = (weights / weights.sum())[:, None]
    source_middle, target_middle = (share * source).sum(axis=0), (share * target).sum(axis=0)
    turn = nearest_rotation((target - target_middle).T @ (share * (source - source_middle)))
    return transform(turn, target_middle - turn @ source_middle)
