"""A point of interest, marked by a ball."""

from __future__ import annotations

import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.visualize.drawing import Mesh
from sparsedff.visualize.palette import MATCH_RGB, REFERENCE_RGB

_RADIUS_M = 0.007


def marker(position: NDArray[np.floating], name: str, key: int = 0, radius_m: float = _RADIUS_M) -> Mesh:
    """A ball at a position (3,) [m]: the chosen one of scene 0, or what matches it in scene 1."""
    ball = trimesh.creation.icosphere(subdivisions=2, radius=radius_m)
    color = np.array(MATCH_RGB if key else REFERENCE_RGB, dtype=np.uint8)
    return Mesh(ball.vertices + position, ball.faces, color, name)
