"""What the network sees of a point: the object's shape around it, in a frame that turns with the object.

1. The frame at a point: up along the world's z, outward from the object's middle, and sideways. So nothing changes when
   the object turns about the vertical or moves on the table, while left and right stay different.
2. Probes stand around the point at every height, radius and sector, out to the far side of the object.
3. A probe's value is exp(-d^2 / (2 w^2)), d its distance to the nearest point of the object, read from a distance
   transform, and w a softness that grows with the probe's radius.
4. Beside them: distance from the middle, height over the table, over the object's foot and under its top, the object's
   spread, and the normal of the surface towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Float32 = NDArray[np.float32]

HEIGHTS_M = (-0.17, -0.12, -0.08, -0.045, -0.015, 0.015, 0.045, 0.08, 0.12, 0.17)
RADII_M = (0.012, 0.026, 0.045, 0.075, 0.115, 0.18)
SECTORS = 12
SOFTNESS_M = (0.009, 0.022)
"""w of probes above or below the point itself, and of the outermost."""
CELL_M = 0.006
"""Of the distance transform."""
REACH_M = 0.054
"""Probes farther than this from the object are 0."""
BESIDES = 8
"""Inputs beside the probes."""
UNIT_M = 0.1
"""Lengths enter the network in this unit."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The distance transform of a cloud.

    Attributes:
        distance_m: (X, Y, Z) distance of each cell's centre to the nearest occupied cell [m].
        low: (3,) centre of the first cell [m].
    """

    distance_m: Float32
    low: Float32

    def at(self, *xyz: Float32) -> Float32:
        """Distances (...) [m] of points, given as x, y and z (...) [m], to the cloud; at most REACH_M."""
        flat: NDArray[np.int32] | int = 0
        for values, low, count in zip(xyz, self.low, self.distance_m.shape, strict=True):
            # The outermost cells are out of reach: a place off the grid reads one of them.
            cell = np.rint((values - low) * np.float32(1 / CELL_M)).astype(np.int32)
            flat = flat * count + np.clip(cell, 0, count - 1, out=cell)
        return np.asarray(self.distance_m.ravel()[flat])


def surroundings_of(points: NDArray[np.floating]) -> Surroundings:
    """The distance transform around points (N, 3) [m]."""
    margin = int(np.ceil(REACH_M / CELL_M)) + 1
    cells = np.rint(points / CELL_M).astype(np.int64)
    first = cells.min(axis=0) - margin
    free = np.ones(cells.max(axis=0) - first + margin + 1, dtype=bool)
    free[tuple((cells - first).T)] = False
    distance = CELL_M * ndimage.distance_transform_edt(free).astype(np.float32)
    return Surroundings(np.minimum(distance, np.float32(REACH_M)), (first * CELL_M).astype(np.float32))


def _probes() -> tuple[Float32, Float32]:
    """Offsets (P, 3) [m] along outward, sideways and up, and 1 / (2 w^2) (P,) of each."""
    offsets, width = [], []
    for height in HEIGHTS_M:
        for radius in (0.0, *RADII_M):
            for sector in range(SECTORS if radius > 0 else 1):
                angle = 2 * np.pi * sector / SECTORS
                offsets.append((radius * np.cos(angle), radius * np.sin(angle), height))
                width.append(SOFTNESS_M[0] + (SOFTNESS_M[1] - SOFTNESS_M[0]) * radius / RADII_M[-1])
    return np.array(offsets, dtype=np.float32), (0.5 / np.square(np.array(width))).astype(np.float32)


OFFSETS, SHARPNESS = _probes()
INPUTS = len(OFFSETS) + BESIDES


def frames(points: NDArray[np.floating], middle_xy: NDArray[np.floating]) -> Float32:
    """Outward, sideways and up (N, 3, 3), a row each, at points (N, 3) [m] about a middle (2,) [m]."""
    outward = np.asarray(points)[:, :2] - middle_xy
    outward = outward / np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-6)
    axes = np.zeros((len(points), 3, 3), dtype=np.float32)
    axes[:, 0, :2] = outward
    axes[:, 1, 0], axes[:, 1, 1] = -outward[:, 1], outward[:, 0]
    axes[:, 2, 2] = 1.0
    return axes


def inputs(
    points: NDArray[np.floating],
    normals: NDArray[np.floating],
    index: NDArray[np.integer],
    middle_xy: NDArray[np.floating],
    around: Surroundings,
) -> Float32:
    """The network's inputs (len(index), INPUTS) of some points of a cloud.

    Args:
        points: (N, 3) [m] of one object, world frame.
        normals: (N, 3) unit normals towards the cameras; zero where none is known.
        index: (M,) of the wanted points.
        middle_xy: (2,) [m] the object's middle.
        around: of the cloud.
    """
    chosen = np.asarray(points[index], dtype=np.float32)
    axes = frames(chosen, middle_xy)
    level = chosen[:, None, :2] + OFFSETS[:, :2] @ axes[:, :2, :2]
    distance = around.at(level[..., 0], level[..., 1], chosen[:, 2:] + OFFSETS[:, 2])
    probes = np.exp(distance * distance * -SHARPNESS)
    probes[distance >= np.float32(REACH_M)] = 0.0
    heights = np.asarray(points[:, 2], dtype=np.float32)
    foot, top = np.percentile(heights, (2, 98))
    spread = np.sqrt(np.square(np.asarray(points[:, :2]) - middle_xy).sum(axis=1).mean())
    turned = np.einsum("nij,nj->ni", axes, np.asarray(normals[index], dtype=np.float32))
    lengths = np.stack(
        [
            np.linalg.norm(chosen[:, :2] - middle_xy, axis=1),
            chosen[:, 2],
            chosen[:, 2] - foot,
            top - chosen[:, 2],
            np.full(len(chosen), spread),
        ],
        axis=1,
    )
    return np.concatenate([probes, lengths / UNIT_M, turned], axis=1, dtype=np.float32)
