"""Where the optimisation begins: above the object, all around (DESIGN section 1 item 10, section 8)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.hands.pose import HandPose

PALM_DOWN = np.stack([(0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0)], axis=1)
"""world_from_palm of the published start: palm facing the table, fingers along -x of the world."""


def starts_above(
    object_points: NDArray[np.floating],
    demonstration: HandPose,
    count: int,
    yaws: int,
    height_m: tuple[float, float],
    rng: np.random.Generator,
    orientation: NDArray[np.float64] = PALM_DOWN,
    xy_jitter_m: float = 0.01,
) -> list[HandPose]:
    """Hands above the object, turned evenly about the vertical, with the demonstration's joints.

    Args:
        object_points: (N, 3) [m] of the test object.
        demonstration: gives the joints.
        count: how many starts; yaws are used in turn.
        yaws: how many directions; 1 is the published single direction.
        height_m: lowest and highest start [m] above the object's top.
        rng: of height and jitter.
        orientation: world_from_palm (3, 3) at yaw 0: PALM_DOWN as published, or the demonstration's own, which keeps
            the tilt of grasps from the side.
        xy_jitter_m: standard deviation of the horizontal position.
    """
    top = object_points[:, 2].max()
    centre = 0.5 * (object_points[:, :2].min(axis=0) + object_points[:, :2].max(axis=0))
    poses = []
    for index in range(count):
        turn = Rotation.from_euler("z", 2 * np.pi * (index % yaws) / yaws).as_matrix()
        xy = centre + rng.normal(scale=xy_jitter_m, size=2)
        poses.append(HandPose(np.array([*xy, top + rng.uniform(*height_m)]), turn @ orientation, demonstration.joints))
    return poses
