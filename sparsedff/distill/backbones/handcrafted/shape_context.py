"""Where on the object a point lies, told by the object's shape around it: no texture, no weights, any yaw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Float = NDArray[np.float64]

VOXEL_M = 0.01


def shape_context(
    points: NDArray[np.floating],
    radii_m: tuple[float, ...] = (0.0, 0.03, 0.06, 0.09),
    heights_m: tuple[float, ...] = (-0.10, -0.05, 0.0, 0.05, 0.10),
    sectors: int = 8,
    width_m: float = 0.015,
) -> NDArray[np.float32]:
    """Soft occupancy of the object in a cylinder around each point, in a frame that turns with the object.

    1. The frame at a point: up along the world's z, outward from the object's vertical axis through its centroid, and
       sideways; so the descriptor does not change when the object turns about the vertical or moves on the table, while
       left and right stay different.
    2. Probes stand around the point at every height, radius and sector.
    3. A probe's value is exp(-d^2 / (2 width^2)), d its distance to the nearest point of the object.

    The idea is that of 3D shape contexts (Frome et al., 2004, ECCV) with a frame that a table gives for free.

    Args:
        points: (N, 3) [m] of one object, world frame.
        radii_m, heights_m, sectors: the probes; a radius of 0 has one sector.
        width_m: softness of the occupancy.

    Returns:
        (N, probes) float32 in [0, 1].
    """
    points = np.asarray(points, dtype=np.float64)
    occupied = thinned(points, VOXEL_M)
    outward = points[:, :2] - occupied[:, :2].mean(axis=0)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-6)
    sideways = np.stack([-outward[:, 1], outward[:, 0]], axis=1)
    tree = cKDTree(occupied)
    reach = 4 * width_m
    columns = []
    for height in heights_m:
        for radius in radii_m:
            for sector in range(sectors if radius > 0 else 1):
                angle = 2 * np.pi * sector / sectors
                step = radius * (np.cos(angle) * outward + np.sin(angle) * sideways)
                probe = np.concatenate([points[:, :2] + step, points[:, 2:] + height], axis=1)
                distance, _ = tree.query(probe, distance_upper_bound=reach)
                columns.append(np.exp(-(np.minimum(distance, reach) ** 2) / (2 * width_m**2)))
    return np.stack(columns, axis=1).astype(np.float32)


def thinned(points: NDArray[np.floating], cell_m: float) -> Float:
    """Centres (M, 3) of the grid cells that points (N, 3) occupy: a surface counts alike however densely seen."""
    cells = np.unique(np.floor(np.asarray(points, dtype=np.float64) / cell_m).astype(np.int64), axis=0)
    return np.asarray((cells + 0.5) * cell_m, dtype=np.float64)
