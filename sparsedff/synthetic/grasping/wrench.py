"""Whether contacts can carry a weight: a linear programme over friction cones, cheaper than a physics engine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Float = NDArray[np.float64]

_EDGES = 8  # of the pyramid that stands for a friction cone
PUSH = 0.5
"""Sideways pushes on the held object, as a share of its weight."""


def holding_effort(
    points: Float, normals: Float, center_of_mass: Float, friction: float = 0.7, torsion_m: float = 0.004
) -> float:
    """Least sum of contact forces that holds the object, in multiples of its weight; infinite if none does.

    The object hangs in the hand; besides its weight a push of half its weight acts through its centre of mass, along
    plus or minus x, y or z in turn. For each push the least sum of normal forces is found whose wrenches balance it:

        min sum f   such that   sum_c sum_e f_ce (d_ce, p_c x d_ce) + torsion = -(push, 0),   f >= 0

    with d_ce the edges of the friction cone at contact c. The worst push counts.

    Args:
        points: (C, 3) [m] contacts, world frame, z up.
        normals: (C, 3) outward normals of the object there.
        center_of_mass: (3,) [m] of the object.
        friction: Coulomb coefficient.
        torsion_m: torsional friction of a soft pad [m].
    """
    if len(points) < 2:
        return float("inf")
    columns, cost = [], []
    for point, normal in zip(points - center_of_mass, normals, strict=True):
        inward = -normal / np.linalg.norm(normal)
        side = np.cross(inward, np.eye(3)[np.argmin(np.abs(inward))])
        side /= np.linalg.norm(side)
        other = np.cross(inward, side)
        for angle in 2 * np.pi * np.arange(_EDGES) / _EDGES:
            force = inward + friction * (np.cos(angle) * side + np.sin(angle) * other)
            # Torques are measured in centimetres, so that forces and torques are of one size.
            columns.append(np.concatenate([force, 100.0 * np.cross(point, force)]))
            cost.append(1.0)
        for sign in (1.0, -1.0):
            turned = np.cross(point, inward) + sign * torsion_m * inward
            columns.append(np.concatenate([inward, 100.0 * turned]))
            cost.append(1.0)
    matrix = np.array(columns).T
    worst = 0.0
    for push in np.concatenate([np.eye(3), -np.eye(3)]):
        load = np.concatenate([np.array([0.0, 0.0, -1.0]) + PUSH * push, np.zeros(3)])
        found = linprog(cost, A_eq=matrix, b_eq=-load, bounds=(0, None), method="highs")
        if not found.success:
            return float("inf")
        worst = max(worst, float(found.fun))
    return worst
