"""Which point of a cloud a click means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]

_CONE_RAD = 0.012  # about ten pixels of a screen
_LEAST_M = 0.004


def pick(origin: Float, direction: Float, points: Float) -> int | None:
    """Index of the point that a ray from the eye means: the nearest to the eye among those close to the ray.

    Points close to the ray lie within a narrow cone around it; the foremost few millimetres of them are taken to be the
    surface, and of these the one nearest to the ray is meant.

    Args:
        origin: (3,) [m] of the eye.
        direction: (3,), of any length.
        points: (N, 3) [m].

    Returns:
        None where the ray meets nothing.
    """
    unit = np.asarray(direction, dtype=np.float64) / np.linalg.norm(direction)
    offset = np.asarray(points, dtype=np.float64) - origin
    along = offset @ unit
    apart = np.linalg.norm(offset - along[:, None] * unit, axis=1)
    close = (along > 0) & (apart < np.maximum(_CONE_RAD * along, _LEAST_M))
    if not close.any():
        return None
    reach = along[close].min() + 0.01
    surface = np.flatnonzero(close & (along <= reach))
    return int(surface[apart[surface].argmin()])
