"""A tube bent along a circular arc: handles of mugs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError

Float = NDArray[np.float64]


@dataclass(frozen=True)
class BentTube:
    """A tube whose centre line is the arc of a circle about the origin in the x-z plane, symmetric about +x.

    The cross-section is an ellipse, `thickness_m` along the radius and `width_m` along y (half axes); the ends are
    rounded. Distances use the scaled-space estimate of `Ellipsoid`: exact on the surface in value and gradient.

    Canonical x is the radial offset in thicknesses, y in widths, z the position along the arc: -1 and 1 at its ends,
    beyond them in thicknesses.

    Attributes:
        bend_m: radius of the arc [m].
        half_angle_rad: from +x to either end [rad], below pi.
        thickness_m, width_m: half axes of the cross-section [m].

    Raises:
        ConfigError: a length that is not positive, an angle outside (0, pi), or a tube thicker than its bend.
    """

    bend_m: float
    half_angle_rad: float
    thickness_m: float
    width_m: float

    def __post_init__(self) -> None:
        if min(self.bend_m, self.thickness_m, self.width_m) <= 0 or not 0 < self.half_angle_rad < np.pi:
            raise ConfigError(f"synthetic tube: lengths must be positive and the half angle below pi, got {self}")
        if self.thickness_m >= self.bend_m:
            raise ConfigError(f"synthetic tube: the bend must be wider than the tube is thick, got {self}")

    def _local(self, points: Float) -> tuple[Float, Float, Float]:
        """Radial offset, y and arc length beyond the ends (N,) [m] (zero along the tube, signed)."""
        angle = np.arctan2(points[:, 2], points[:, 0])
        held = np.clip(angle, -self.half_angle_rad, self.half_angle_rad)
        cos, sin = np.cos(held), np.sin(held)
        radial = points[:, 0] * cos + points[:, 2] * sin - self.bend_m
        beyond = -points[:, 0] * sin + points[:, 2] * cos
        return radial, points[:, 1], np.where(angle == held, 0.0, beyond)

    def distance(self, points: Float) -> Float:
        """Signed distance (N,) [m], negative inside."""
        radial, across, beyond = self._local(points)
        offset = np.stack([radial, across, beyond], axis=1)
        radii = np.array([self.thickness_m, self.width_m, self.thickness_m])
        k0 = np.linalg.norm(offset / radii, axis=1)
        k1 = np.linalg.norm(offset / radii**2, axis=1)
        return np.where(k1 > 1e-9, k0 * (k0 - 1.0) / np.maximum(k1, 1e-9), -radii.min())

    def to_canonical(self, points: Float) -> Float:
        """Canonical coordinates (N, 3)."""
        radial, across, beyond = self._local(points)
        angle = np.clip(np.arctan2(points[:, 2], points[:, 0]), -self.half_angle_rad, self.half_angle_rad)
        along = angle / self.half_angle_rad + beyond / self.thickness_m
        return np.stack([radial / self.thickness_m, across / self.width_m, along], axis=1)

    def from_canonical(self, canonical: Float) -> Float:
        """Points (N, 3) [m] of canonical coordinates (N, 3)."""
        along = np.clip(canonical[:, 2], -1.0, 1.0)
        beyond = (canonical[:, 2] - along) * self.thickness_m
        cos, sin = np.cos(along * self.half_angle_rad), np.sin(along * self.half_angle_rad)
        radius = self.bend_m + canonical[:, 0] * self.thickness_m
        return np.stack(
            [radius * cos - beyond * sin, canonical[:, 1] * self.width_m, radius * sin + beyond * cos], axis=1
        )

    def bounds(self) -> Float:
        """Lower and upper corner (2, 3) [m]; generous."""
        reach = self.bend_m + self.thickness_m
        angle = min(self.half_angle_rad + self.thickness_m / self.bend_m, np.pi)
        near = min(np.cos(angle) * reach, np.cos(angle) * (self.bend_m - self.thickness_m))
        high = reach if angle >= np.pi / 2 else reach * np.sin(angle)
        return np.array([[near - self.thickness_m, -self.width_m, -high], [reach, self.width_m, high]])
