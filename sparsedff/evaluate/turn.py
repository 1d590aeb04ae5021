"""The same capture in another table frame: what must not matter to a transfer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import Capture
from sparsedff.geometry import transform

Float = NDArray[np.float64]


def yaw(angle: float) -> Float:
    """(4, 4) turn by `angle` [rad] about the vertical through the origin."""
    c, s = np.cos(angle), np.sin(angle)
    return transform(np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]), np.zeros(3))


def turned(capture: Capture, new_from_world: Float) -> Capture:
    """The same capture in another world frame."""
    views = tuple(replace(v, world_from_camera=new_from_world @ v.world_from_camera) for v in capture.views)
    return replace(capture, views=views)
