"""How often a grasp holds where the object does not stand where it was seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.hands.pose import HandPose
from sparsedff.hands.spec import EndEffector
from sparsedff.physics.lift import lift_trial
from sparsedff.physics.settings import LiftSettings

Float = NDArray[np.float64]


def robustness(
    mesh: trimesh.Trimesh,
    path: Sequence[HandPose],
    settings: LiftSettings,
    seed: int,
    world_from_object: Float,
    lifts: int,
    offset_m: float,
    effector: EndEffector | None = None,
) -> float:
    """Share of lift trials that hold, each with the object moved along the table and the path as it was.

    Args:
        mesh, path, settings, seed, world_from_object: as `lift_trial`; all trials have one seed.
        lifts: how many, in even directions from +x of the world on; 0 gives NaN.
        offset_m: how far the object is moved [m].
        effector: as `lift_trial`.

    Raises:
        PhysicsError, MissingPackageError, HandError, CalibrationError: as `lift_trial`.
    """
    if lifts == 0:
        return float("nan")
    held = []
    for angle in 2 * np.pi * np.arange(lifts) / lifts:
        moved = np.array(world_from_object, dtype=np.float64)
        moved[:2, 3] += offset_m * np.cos(angle), offset_m * np.sin(angle)
        held.append(lift_trial(mesh, path, settings, seed, moved, effector=effector).success)
    return float(np.mean(held))
