"""Errors against the nearest of equal truths: a bottle turned by anything, a box turned by half, is held alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.spatial.transform import Rotation

from sparsedff.evaluate.metrics import CONTACT_M, contact_error
from sparsedff.geometry import apply, inverse
from sparsedff.hands.pose import HandPose
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.truth import Truth

Float = NDArray[np.float64]

Cost = Callable[[Float], Float]
"""Costs (T,) of turns (T,) [rad]."""

_GRID = 180
"""An object of revolution is looked at every 2 degrees; the three lowest valleys are then searched through."""
_VALLEYS = 3
_PRECISION_RAD = float(np.deg2rad(1e-3))


def nearest_turn(cost: Cost, symmetry: int) -> float:
    """The turn [rad] of lowest cost among those that leave the shape as it is.

    Args:
        cost: of turns, periodic in the full turn.
        symmetry: how many turns there are, as `Family.symmetry`; 0 is every turn, found to 0.001 degrees.
    """
    if symmetry:
        turns = 2 * np.pi * np.arange(symmetry) / symmetry
        return float(turns[np.argmin(cost(turns))])
    turns = 2 * np.pi * np.arange(_GRID) / _GRID
    values = cost(turns)
    valleys = np.flatnonzero((values <= np.roll(values, 1)) & (values <= np.roll(values, -1)))
    found = []
    for index in valleys[np.argsort(values[valleys])][:_VALLEYS]:
        low, high = turns[index] - turns[1], turns[index] + turns[1]
        best = minimize_scalar(
            lambda turn: float(cost(np.array([turn]))[0]),
            bounds=(low, high),
            method="bounded",
            options={"xatol": _PRECISION_RAD},
        )
        found += [(float(best.fun), float(best.x)), (float(values[index]), float(turns[index]))]
    return min(found)[1]


def nearest_truth(
    landed: Float, mapped: Float, reference_distance: Float, world_from_object: Float, symmetry: int
) -> Float:
    """The mapped points (N, 3) [m], turned with the test object so that `contact_error` is smallest.

    Args:
        landed, mapped, reference_distance: as `contact_error`.
        world_from_object: (4, 4) of the test object, which is turned about its z axis.
        symmetry: as `nearest_turn`.

    Raises:
        SparseDFFError: as `contact_error`.
    """
    ours, theirs = (apply(inverse(world_from_object), points) for points in (landed, mapped))

    def cost(turns: Float) -> Float:
        return np.array([contact_error(ours, theirs @ _about_z(turn).T, reference_distance) for turn in turns])

    return apply(world_from_object, theirs @ _about_z(nearest_turn(cost, symmetry)).T)


def nearest_mapped(truth: Truth, landed: Float, shown: Float, reference_distance: Float) -> Float:
    """Where the truth maps the demonstrated points (N, 3) [m], of all equal truths the one nearest to the landed ones.

    Besides the test object the reference may look the same after a turn. Then the demonstration does not say which side
    of a relative of another kind, such as a drill's handle, the hand is to come from.

    Args:
        truth: of the pair.
        landed: (N, 3) [m] surface points of the transferred hand.
        shown: (N, 3) [m] the demonstrated hand's.
        reference_distance: (N,) [m] of `shown` to the reference object.

    Raises:
        SparseDFFError: as `contact_error`.
    """
    placed = truth.test.world_from_object
    theirs, ours = (FAMILIES[one.shape.family].symmetry_of(one.shape) for one in (truth.test, truth.reference))
    if truth.grips is not None and theirs != 0 and ours != 1:
        contact = np.abs(reference_distance) < CONTACT_M

        def cost(turns: Float) -> Float:
            maps = (truth.reference_turned(float(turn)).map_points(shown[contact]) for turn in turns)
            near = reference_distance[contact]
            every = (nearest_truth(landed[contact], mapped, near, placed, theirs) for mapped in maps)
            return np.array([contact_error(landed[contact], mapped, near) for mapped in every])

        truth = truth.reference_turned(nearest_turn(cost, ours))
    return nearest_truth(landed, truth.map_points(shown), reference_distance, placed, theirs)


def symmetric_palm_error(
    pose: HandPose, truth: HandPose, world_from_object: Float, symmetry: int
) -> tuple[float, float]:
    """`palm_error` ([m], [rad]), each the smallest over turns of the test object; arguments as above."""
    palm, shown = (one.moved(inverse(world_from_object)) for one in (pose, truth))

    def distance(turns: Float) -> Float:
        return np.array([np.linalg.norm(palm.translation - _about_z(turn) @ shown.translation) for turn in turns])

    def angle(turns: Float) -> Float:
        between = [palm.rotation.T @ _about_z(turn) @ shown.rotation for turn in turns]
        return Rotation.from_matrix(np.stack(between)).magnitude()

    shift, tilt = (float(cost(np.array([nearest_turn(cost, symmetry)]))[0]) for cost in (distance, angle))
    return shift, tilt


def _about_z(turn_rad: float) -> Float:
    c, s = np.cos(turn_rad), np.sin(turn_rad)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
