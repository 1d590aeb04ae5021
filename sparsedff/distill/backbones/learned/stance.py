"""How a thing stands against the reference: on its foot as that one, lying, tilted or upside down.

The network sees a point in a frame whose up is the table's, and so do the embedded descriptors: to them a mug that lies
is another thing. Which way the thing's own up points is found by trying. In the right stance its points get coordinates
that the reference's points have too, in a wrong one they get coordinates that nothing on the reference has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from sparsedff.geometry import transform

Float = NDArray[np.float64]

Describe = Callable[[Float, Float], NDArray[np.floating]]
"""Coordinates (M, K) of some points of a thing, given its points (N, 3) [m] as it would stand and its normals."""

UPS = 60
"""Directions tried at first, about 26 degrees apart."""
FEW = 3
"""So many of the best are looked at more closely."""
TILTS_RAD = (float(np.deg2rad(13.0)), float(np.deg2rad(6.0)))
"""Tilts tried about each of them, and then about the best."""
UPRIGHT_MISFIT = 0.3
"""A thing whose misfit on the table is less stands as the reference does: no other stance is tried."""
CLEARLY, LIKE = 0.65, 0.33
"""Another stance counts if its misfit is less than this share of that on the table, and less than the second number:
what is like nothing on the reference in any stance stays as it is. Of nine relatives that lay or were tilted the share
was 0.28 to 0.58 and the misfit 0.12 to 0.31; of those that stood and were like the reference it was 0.88 and more
(training families, seeds 201 to 224). A lying box and a mug of quite another shape are not told."""
FOOT_PERCENTILE = 1.0


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of the reference.

    Attributes:
        coordinates: (R, K) of its points.
        typical: mean L1 distance per channel of two random ones of them, above zero.
    """

    coordinates: NDArray[np.float32]
    typical: float

    def misfit(self, coordinates: NDArray[np.floating]) -> float:
        """Mean L1 distance of coordinates (M, K) from the reference's nearest, in units of `typical`."""
        _, nearest = self._tree.query(coordinates)
        return float(np.abs(coordinates - self.coordinates[nearest]).mean() / self.typical)

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.coordinates)


def upright_from_world(
    points: NDArray[np.floating], normals: NDArray[np.floating], known: Known, describe: Describe
) -> Float:
    """The motion (4, 4) that sets a thing up as the reference stands; identity where it stands so already.

    Args:
        points: (N, 3) [m] of the thing, world frame, z up from the table.
        normals: (N, 3) of its surface.
        known: of the reference.
        describe: gives coordinates of some of its points in a stance.
    """
    standing, facing = np.asarray(points, dtype=np.float64), np.asarray(normals, dtype=np.float64)

    def tried(ups: Iterable[Float]) -> list[tuple[float, tuple[float, ...]]]:
        turns = ((up, turn_upright(up)) for up in ups)
        return [(known.misfit(describe(_stood(standing, turn), facing @ turn.T)), tuple(up)) for up, turn in turns]

    on_table = known.misfit(describe(standing, facing))
    if on_table < UPRIGHT_MISFIT:
        return np.eye(4)
    best = sorted(tried(sphere(UPS)))[:FEW]
    for angle in TILTS_RAD:
        best = sorted([*best, *tried(up for _, near in best for up in tilted(np.array(near), angle))])[:1]
    misfit, up = best[0]
    if misfit >= min(CLEARLY * on_table, LIKE):
        return np.eye(4)
    turn = turn_upright(np.array(up))
    return transform(turn, np.array([0.0, 0.0, -_foot(standing @ turn.T)]))


def sphere(count: int) -> Float:
    """Directions (count, 3), evenly spread (Fibonacci's spiral)."""
    index = np.arange(count) + 0.5
    z, angle = 1 - 2 * index / count, np.pi * (1 + np.sqrt(5)) * index
    radius = np.sqrt(1 - z * z)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)


def tilted(up: Float, angle_rad: float, directions: int = 6) -> Float:
    """Unit vectors (directions, 3) at an angle from `up` (3,), evenly around it."""
    turn = turn_upright(up).T
    around = 2 * np.pi * np.arange(directions) / directions
    ring = np.sin(angle_rad) * np.stack([np.cos(around), np.sin(around)], axis=1)
    return np.column_stack([ring, np.full(directions, np.cos(angle_rad))]) @ turn.T


def turn_upright(up: Float) -> Float:
    """The shortest turn (3, 3) that brings a unit vector (3,) to z."""
    axis = np.cross(up, (0.0, 0.0, 1.0))
    sine, cosine = float(np.linalg.norm(axis)), float(up[2])
    if sine < 1e-9:
        return np.eye(3) if cosine > 0 else np.diag([1.0, -1.0, -1.0])
    return np.asarray(Rotation.from_rotvec(axis / sine * np.arctan2(sine, cosine)).as_matrix())


def _stood(points: Float, turn: Float) -> Float:
    """Points (N, 3) [m] turned and set down on the table."""
    turned = points @ turn.T
    turned[:, 2] -= _foot(turned)
    return turned


def _foot(points: Float) -> float:
    """Height [m] of the lowest points (N, 3) [m], but for a few."""
    return float(np.percentile(points[:, 2], FOOT_PERCENTILE))
