"""Which point of a cloud a click means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]

_CONE_RAD = 0.012  # about ten pixels of a screen
_LEAST_M = 0.004
_DEPTH_SHARE = 0.2


def pick(origin: Float, direction: Float, points: Float) -> int | None:
    """Index of the point that a ray from the eye means: near to the ray, and not behind others that are.

    Points come into question within a narrow cone around the ray. Of these the least sum of its distance to the ray
    and a share of what it lies behind the foremost is meant: on a slope the point under the mouse, not its neighbour
    in front.

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
    cost = apart + _DEPTH_SHARE * (along - along[close].min())
    return int(np.where(close, cost, np.inf).argmin())
