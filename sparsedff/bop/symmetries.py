"""All poses in which an object looks the same, as a finite list."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.bop.models import Axis, ModelInfo
from sparsedff.geometry import Float, transform

STEP_SHARE = 0.01
"""Neighbouring turns about an axis move a vertex by at most this share of the diameter."""


def symmetry_transforms(info: ModelInfo, step_share: float = STEP_SHARE) -> NDArray[np.float64]:
    """Transforms (S, 4, 4) [m] of the model onto itself, the identity first.

    Every turn about an axis follows every discrete symmetry; turns about several axes are not combined. A vertex is at
    most half a diameter from an axis, so that pi / step_share turns are fine enough.

    Args:
        info: whose.
        step_share: the challenge's is 0.01.
    """
    found = [np.eye(4), *info.discrete]
    count = int(np.ceil(np.pi / step_share))
    turns = [turn for axis in info.continuous for turn in _turns(axis, count)]
    return np.stack([turn @ one for one in found for turn in turns] if turns else found)


def _turns(axis: Axis, count: int) -> list[Float]:
    angles = 2 * np.pi * np.arange(count) / count
    turns = Rotation.from_rotvec(angles[:, None] * axis.direction).as_matrix()
    return [transform(turn, axis.point - turn @ axis.point) for turn in turns]
