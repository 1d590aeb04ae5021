"""A point cloud made ready to be drawn as a surface: thinned, with a normal and a radius at every point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.visualize.drawing import Points

Float = NDArray[np.floating]

_MOST_SURFELS = 30_000  # more do not show at the sizes drawn, and cost time
_NEIGHBOURS = (12, 30)  # that a normal is taken from: fewest, for coarse clouds, and most
_RADIUS = 0.8  # of a disc, over the distance to its sixth neighbour
_STRAY = 5.0  # times the median distance to the sixth neighbour
_SMOOTHING = 0.5  # share of a point's distance to its neighbours' plane that the picture leaves out as noise


@dataclass(frozen=True, eq=False)
class Surfels:
    """Small coloured discs.

    Attributes:
        positions: (N, 3) [m], world frame.
        normals: (N, 3) unit, of unknown sign.
        radii: (N,) [m].
        colors: (N, 3) in 0..1.
    """

    positions: Float
    normals: Float
    radii: Float
    colors: Float

    def triangles(self) -> tuple[Float, NDArray[np.int64]]:
        """One triangle per disc, of about its size, for the cloud to throw shadows: vertices (3N, 3), faces (N, 3)."""
        across = np.cross(self.normals, np.where(np.abs(self.normals[:, :1]) < 0.7, [[1.0, 0, 0]], [[0, 1.0, 0]]))
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
        along = np.cross(self.normals, across)
        turn = np.arange(3) * 2 * np.pi / 3
        spokes = np.cos(turn)[:, None] * across[:, None] + np.sin(turn)[:, None] * along[:, None]  # (N, 3, 3)
        vertices = self.positions[:, None] + 1.3 * self.radii[:, None, None] * spokes
        return vertices.reshape(-1, 3), np.arange(3 * len(self.positions)).reshape(-1, 3)


def surfels_of(points: Points) -> Surfels:
    """Discs that close into a surface.

    Normals are the directions of least spread among the nearest neighbours. A radius follows the distance to the sixth
    neighbour, within a factor of the cloud's median, so that sparse regions close. Strays, whose sixth neighbour is
    many times farther off than the median, are left out: they show the sensor's errors and not the object.
    """
    positions, colors = _thin(points.positions, points.colors / 255.0)
    if len(positions) > 6:
        reach = cKDTree(positions).query(positions, k=[7], workers=-1)[0][:, 0]
        near = reach <= _STRAY * np.median(reach)
        positions, colors = positions[near], colors[near]
    count = len(positions)
    if count < 7:
        radius = points.radius_m or 0.003
        return Surfels(positions, np.tile([0.0, 0.0, 1.0], (count, 1)), np.full(count, radius), colors)
    neighbours = min(int(np.clip(count // 250, *_NEIGHBOURS)), count)
    distance, neighbour = cKDTree(positions).query(positions, k=neighbours, workers=-1)
    middle = positions[neighbour].mean(axis=1)
    local = positions[neighbour] - middle[:, None]
    normals = np.linalg.eigh(local.swapaxes(1, 2) @ local)[1][:, :, 0]
    # Normals have no sign, so that their outer products are averaged: the mean's principal axis is the smooth normal.
    smooth = normals[neighbour].swapaxes(1, 2) @ normals[neighbour]
    normals = np.linalg.eigh(smooth)[1][:, :, 2]
    positions = positions - _SMOOTHING * normals * (normals * (positions - middle)).sum(axis=1, keepdims=True)
    typical = np.median(distance[:, 6])
    radii = np.clip(_RADIUS * distance[:, 6], 0.75 * _RADIUS * typical, 1.6 * _RADIUS * typical)
    if points.radius_m is not None:
        radii = np.full(count, points.radius_m)
    return Surfels(positions, normals, np.maximum(radii, 1e-6), colors)


def _thin(positions: Float, colors: Float) -> tuple[Float, Float]:
    """Mean position and colour per cell of the finest grid that leaves few enough points; small clouds stay."""
    cell = 0.0005
    while len(positions) > _MOST_SURFELS:
        cells = np.floor((positions - positions.min(axis=0)) / cell).astype(np.int64)
        sizes = cells.max(axis=0) + 1
        _, group = np.unique((cells[:, 0] * sizes[1] + cells[:, 1]) * sizes[2] + cells[:, 2], return_inverse=True)
        if group.max() < _MOST_SURFELS:
            weight = np.bincount(group)[:, None]
            both = np.concatenate([positions, colors], axis=1)
            means = np.stack([np.bincount(group, column) for column in both.T], axis=1) / weight
            return means[:, :3], means[:, 3:]
        cell *= 1.25
    return positions, colors
