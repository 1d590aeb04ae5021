"""A box with rounded edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError

Float = NDArray[np.float64]


@dataclass(frozen=True)
class RoundBox:
    """An axis-aligned box about the part frame's origin, edges and corners rounded; the distance is exact.

    Canonical coordinates are in half sizes: the faces lie at -1 and 1.

    Attributes:
        half_m: half sizes along x, y, z, rounding included [m].
        radius_m: of the edges [m], at most the smallest half size.

    Raises:
        ConfigError: a half size or the radius that is not positive, or a radius too large.
    """

    half_m: tuple[float, float, float]
    radius_m: float

    def __post_init__(self) -> None:
        if not 0 < self.radius_m <= min(self.half_m):
            raise ConfigError(f"synthetic box: half sizes and radius must be positive, the radius smallest, got {self}")

    def distance(self, points: Float) -> Float:
        """Signed distance (N,) [m], negative inside."""
        over = np.abs(points) - (np.asarray(self.half_m) - self.radius_m)
        outside = np.linalg.norm(np.maximum(over, 0.0), axis=1)
        return outside + np.minimum(over.max(axis=1), 0.0) - self.radius_m

    def to_canonical(self, points: Float) -> Float:
        """Canonical coordinates (N, 3)."""
        return points / np.asarray(self.half_m)

    def from_canonical(self, canonical: Float) -> Float:
        """Points (N, 3) [m] of canonical coordinates (N, 3)."""
        return canonical * np.asarray(self.half_m)

    def bounds(self) -> Float:
        """Lower and upper corner (2, 3) [m]."""
        return np.array([-1.0, 1.0])[:, None] * np.asarray(self.half_m)
