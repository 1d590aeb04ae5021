"""How else a thing can rest on a table than upright: lying on its side, or tilted on a handle, a rim or a foot."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.synthetic.grasping.reference_grasps import object_grasp

Float = NDArray[np.float64]

LEAST_TILT_DEG, MOST_TILT_DEG = 15.0, 165.0
"""Less is upright, more is upside down."""

_LEAST_CHANCE = 0.01  # poses that hardly any throw ends in
_TABLE_M = 0.002  # the demonstrated hand may touch the table


def draw_resting(mesh: trimesh.Trimesh, family: str, task: str, rng: np.random.Generator) -> Float | None:
    """A turn (3, 3) after which the object rests as a thrown one may come to rest, and can be held by the task.

    Only poses count in which the demonstrated hand, carried along, stays above the table.

    Args:
        mesh: the object in its own frame, closed [m].
        family, task: whose committed grasp must stay possible.
        rng: draws one pose, each as likely as a throw ends in it.

    Returns:
        None where it cannot rest so but upright or upside down.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # slivers of the hull, which no throw ends on
        poses, chances = trimesh.poses.compute_stable_poses(
            mesh.convex_hull, center_mass=mesh.center_mass, threshold=_LEAST_CHANCE
        )
    hand = _hand_points(family, task)
    turns, weights = [], []
    for pose, chance in zip(poses, chances, strict=True):
        turn = pose[:3, :3]
        tilt_deg = np.degrees(np.arccos(np.clip(turn[2, 2], -1.0, 1.0)))
        lowest = (mesh.vertices @ turn[2]).min() - _TABLE_M
        if LEAST_TILT_DEG <= tilt_deg <= MOST_TILT_DEG and np.all(hand @ turn[2] > lowest):
            turns.append(turn)
            weights.append(chance)
    if not turns:
        return None
    return np.asarray(turns[rng.choice(len(turns), p=np.array(weights) / np.sum(weights))], dtype=np.float64)


@lru_cache(maxsize=32)
def _hand_points(family: str, task: str) -> Float:
    """Surface points (N, 3) [m] of the demonstrated hand, in the frame of the family's reference member."""
    try:
        return np.asarray(ShadowHand(HandSettings(pt_nums=300)).surface_of(object_grasp(family, task)))
    except HandError:  # no grasp is committed for it: nothing to keep possible
        return np.zeros((0, 3))
