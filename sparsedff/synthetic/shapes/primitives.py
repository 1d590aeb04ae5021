"""Signed distance primitives with canonical coordinates, of which procedural objects are made.

A primitive lives in its part frame [m]. Besides its distance it knows its *canonical* coordinates: part-frame
coordinates divided by its size, so that the same canonical point is the same place on a larger, longer or thicker
primitive of the same kind. `from_canonical` inverts `to_canonical` everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError

Float = NDArray[np.float64]


class PartShape(Protocol):
    """The shape of a part; all points are (N, 3) [m] in the part frame."""

    def distance(self, points: Float) -> Float:
        """Signed distance (N,) [m], negative inside; near the surface the gradient's length is close to one."""
        ...

    def to_canonical(self, points: Float) -> Float:
        """Canonical coordinates (N, 3), no unit."""
        ...

    def from_canonical(self, canonical: Float) -> Float:
        """Points (N, 3) [m] of canonical coordinates (N, 3)."""
        ...

    def bounds(self) -> Float:
        """Lower and upper corner (2, 3) [m] of a box around the primitive."""
        ...


def _positive(**sizes: float) -> None:
    for name, value in sizes.items():
        if not np.isfinite(value) or value <= 0:
            raise ConfigError(f"synthetic primitive: {name} must be a positive length in metres, got {value}")


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid about the part frame's origin.

    Its distance is the scaled-space estimate k0 (k0 - 1) / k1 with k0 = |p / r|, k1 = |p / r^2|: exact on the surface
    in value and gradient, and a few per cent off at one radius' distance for the roundish shapes used here.

    Attributes:
        radii_m: the three half axes [m].

    Raises:
        ConfigError: a radius that is not positive.
    """

    radii_m: tuple[float, float, float]

    def __post_init__(self) -> None:
        _positive(**{f"radii_m[{axis}]": radius for axis, radius in enumerate(self.radii_m)})

    def distance(self, points: Float) -> Float:
        """Signed distance (N,) [m]."""
        radii = np.asarray(self.radii_m)
        scaled = points / radii
        k0 = np.sqrt(np.einsum("ni,ni->n", scaled, scaled))
        scaled /= radii
        k1 = np.sqrt(np.einsum("ni,ni->n", scaled, scaled))
        # At the very centre both vanish; the deepest value is minus the smallest radius.
        return np.where(k1 > 1e-9, k0 * (k0 - 1.0) / np.maximum(k1, 1e-9), -radii.min())

    def to_canonical(self, points: Float) -> Float:
        """Canonical coordinates (N, 3)."""
        return points / np.asarray(self.radii_m)

    def from_canonical(self, canonical: Float) -> Float:
        """Points (N, 3) [m] of canonical coordinates (N, 3)."""
        return canonical * np.asarray(self.radii_m)

    def bounds(self) -> Float:
        """Lower and upper corner (2, 3) [m]."""
        return np.array([-1.0, 1.0])[:, None] * np.asarray(self.radii_m)


@dataclass(frozen=True)
class RoundCone:
    """The hull of two balls on the z axis: one at the origin, one at z = length. Equal radii give a capsule.

    Canonical z runs from 0 to 1 along the axis and is measured in radii beyond the ends; x and y are in radii.

    Attributes:
        length_m: distance of the centres [m].
        radius_start_m, radius_end_m: the balls' radii [m].

    Raises:
        ConfigError: a length that is not positive, or one ball inside the other.
    """

    length_m: float
    radius_start_m: float
    radius_end_m: float

    def __post_init__(self) -> None:
        _positive(length_m=self.length_m, radius_start_m=self.radius_start_m, radius_end_m=self.radius_end_m)
        if abs(self.radius_start_m - self.radius_end_m) >= self.length_m:
            raise ConfigError(f"synthetic primitive: one end of {self} lies within the other; make it longer")

    def distance(self, points: Float) -> Float:
        """Signed distance (N,) [m]."""
        # In the half plane (rho, z) the side is a line tangent to both circles; its normal is (cos_tilt, sin_tilt).
        rho, z = np.hypot(points[:, 0], points[:, 1]), points[:, 2]
        sin_tilt = (self.radius_start_m - self.radius_end_m) / self.length_m
        cos_tilt = np.sqrt(1.0 - sin_tilt**2)
        along = cos_tilt * z - sin_tilt * rho  # position along the tangent line
        start = np.hypot(rho, z) - self.radius_start_m
        end = np.hypot(rho, z - self.length_m) - self.radius_end_m
        side = cos_tilt * rho + sin_tilt * z - self.radius_start_m
        return np.where(along <= 0, start, np.where(along >= cos_tilt * self.length_m, end, side))

    def _radius_at(self, fraction: Float) -> Float:
        return self.radius_start_m + (self.radius_end_m - self.radius_start_m) * np.clip(fraction, 0.0, 1.0)

    def to_canonical(self, points: Float) -> Float:
        """Canonical coordinates (N, 3)."""
        z, length = points[:, 2], self.length_m
        below, above = np.minimum(z, 0.0) / self.radius_start_m, np.maximum(z - length, 0.0) / self.radius_end_m
        radius = self._radius_at(z / length)
        return np.stack(
            [points[:, 0] / radius, points[:, 1] / radius, np.clip(z / length, 0.0, 1.0) + below + above], axis=1
        )

    def from_canonical(self, canonical: Float) -> Float:
        """Points (N, 3) [m] of canonical coordinates (N, 3)."""
        t = canonical[:, 2]
        below, above = np.minimum(t, 0.0) * self.radius_start_m, np.maximum(t - 1.0, 0.0) * self.radius_end_m
        radius = self._radius_at(t)
        z = np.clip(t, 0.0, 1.0) * self.length_m + below + above
        return np.stack([canonical[:, 0] * radius, canonical[:, 1] * radius, z], axis=1)

    def bounds(self) -> Float:
        """Lower and upper corner (2, 3) [m]."""
        widest = max(self.radius_start_m, self.radius_end_m)
        return np.array([[-widest, -widest, -self.radius_start_m], [widest, widest, self.length_m + self.radius_end_m]])


def smooth_union(first: Float, second: Float, radius_m: float) -> Float:
    """Union of two distances (N,) [m] with a rounded seam: where they differ by less than `radius_m` [m] the union is
    lower than both by up to a quarter of it (the C1 quadratic blend). Radius 0 is the sharp union.
    """
    if radius_m <= 0:
        return np.minimum(first, second)
    overlap = np.maximum(radius_m - np.abs(first - second), 0.0)
    return np.minimum(first, second) - overlap**2 / (4.0 * radius_m)
