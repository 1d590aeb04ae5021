"""Turned things: a profile swept about the z axis, solid like a bottle or a thin shell like a mug."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Lathe:
    """A solid or a shell of revolution about the part frame's z axis.

    The profile is a chain of stations (radius, z), z rising, closed by a floor disc at the first one. A solid is also
    closed by a disc at the last station and filled; a shell is the bare sheet of floor and wall, open at the top.
    Either is everything within `offset_m` of that: it rounds the edges of a solid and gives a shell half its wall.
    Distances to both are exact.

    Canonical z counts stations (2.5 is halfway between the third and the fourth), so members of one family, whose
    stations mean the same, correspond station by station; x and y are in radii of the profile at that height. The sheet
    of a shell therefore goes to the other's sheet, the inside to the inside, whatever the walls. Beyond the first and
    last station z goes on at the scale of the section next to it.

    Attributes:
        stations_m: (S >= 2) pairs of radius and z [m].
        offset_m: rounding of a solid, half the wall of a shell [m].
        hollow: shell instead of solid.

    Raises:
        ConfigError: fewer than two stations, a radius or an offset that is not positive, or z that does not rise.
    """

    stations_m: tuple[tuple[float, float], ...]
    offset_m: float
    hollow: bool

    def __post_init__(self) -> None:
        stations = np.asarray(self.stations_m, dtype=np.float64)
        if stations.ndim != 2 or stations.shape[0] < 2 or stations.shape[1] != 2 or not np.isfinite(stations).all():
            raise ConfigError(f"synthetic lathe: needs two or more stations (radius, z) in metres, got {stations}")
        if stations[:, 0].min() <= 0 or np.diff(stations[:, 1]).min() <= 0 or self.offset_m <= 0:
            raise ConfigError(f"synthetic lathe: radii and offset must be positive and z must rise, got {self}")

    def distance(self, points: Float) -> Float:
        """Signed distance (N,) [m] of points (N, 3) [m], negative inside."""
        radius, height = np.asarray(self.stations_m).T
        rho, z = np.hypot(points[:, 0], points[:, 1]), points[:, 2]
        corners = [(0.0, height[0]), *self.stations_m]
        if not self.hollow:
            corners.append((0.0, height[-1]))
        nearest = np.full(len(points), np.inf)
        for start, end in pairwise(corners):
            np.minimum(nearest, _squared_to_segment(rho, z, start, end), out=nearest)
        length = np.sqrt(nearest)
        if not self.hollow:
            inside = (z > height[0]) & (z < height[-1]) & (rho < np.interp(z, height, radius))
            length = np.where(inside, -length, length)
        return length - self.offset_m

    def _unit_radius(self, t: Float) -> Float:
        """Radius (N,) [m] that x and y are measured in at canonical z (N,)."""
        stations = np.asarray(self.stations_m)
        return np.interp(t, np.arange(len(stations)), stations[:, 0])

    def to_canonical(self, points: Float) -> Float:
        """Canonical coordinates (N, 3)."""
        height = np.asarray(self.stations_m)[:, 1]
        t = _extended_interp(points[:, 2], height, np.arange(len(height), dtype=np.float64))
        radius = self._unit_radius(t)
        return np.stack([points[:, 0] / radius, points[:, 1] / radius, t], axis=1)

    def from_canonical(self, canonical: Float) -> Float:
        """Points (N, 3) [m] of canonical coordinates (N, 3)."""
        height = np.asarray(self.stations_m)[:, 1]
        t = canonical[:, 2]
        radius = self._unit_radius(t)
        z = _extended_interp(t, np.arange(len(height), dtype=np.float64), height)
        return np.stack([canonical[:, 0] * radius, canonical[:, 1] * radius, z], axis=1)

    def bounds(self) -> Float:
        """Lower and upper corner (2, 3) [m]."""
        stations = np.asarray(self.stations_m)
        widest = stations[:, 0].max() + self.offset_m
        low, high = stations[0, 1] - self.offset_m, stations[-1, 1] + self.offset_m
        return np.array([[-widest, -widest, low], [widest, widest, high]])


def _squared_to_segment(rho: Float, z: Float, start: tuple[float, float], end: tuple[float, float]) -> Float:
    """Squared distance (N,) [m^2] of (rho, z) (N,) to a segment of the half plane."""
    along_rho, along_z = end[0] - start[0], end[1] - start[1]
    off_rho, off_z = rho - start[0], z - start[1]
    share = np.clip((off_rho * along_rho + off_z * along_z) / (along_rho**2 + along_z**2), 0.0, 1.0)
    return (off_rho - share * along_rho) ** 2 + (off_z - share * along_z) ** 2


def _extended_interp(values: Float, knots: Float, images: Float) -> Float:
    """Piecewise linear map (N,) of values (N,) through rising knots, continued straight beyond the ends."""
    mapped = np.interp(values, knots, images)
    for end, inner, sign in ((0, 1, -1.0), (-1, -2, 1.0)):
        slope = (images[end] - images[inner]) / (knots[end] - knots[inner])
        beyond = sign * np.maximum(sign * (values - knots[end]), 0.0)
        mapped += slope * beyond
    return mapped
