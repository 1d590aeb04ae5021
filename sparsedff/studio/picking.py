"""The point of a cloud that a click selects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]

_CONE_RAD = 0.012  # about ten pixels of a screen
_LEAST_M = 0.004
_DEPTH_SHARE = 0.2


def pick(origin: Float, direction: Float, points: Float) -> int | None:
    """Index of the point that a ray from the eye selects: near to the ray, and not hidden behind other points.

    Only points in a narrow cone around the ray are candidates. Each candidate has a cost: its distance to the ray plus
    a share of its depth behind the foremost candidate. The point of least cost is selected. On a slope this is the
    point under the mouse and not its neighbour in front.

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
