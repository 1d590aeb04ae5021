"""Putting parts where they belong: frames for balls, limbs and everything else."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from sparsedff.geometry import transform
from sparsedff.synthetic.shapes.objects import Part
from sparsedff.synthetic.shapes.primitives import Ellipsoid, PartShape, RoundCone

Float = NDArray[np.float64]


def at(name: str, shape: PartShape, place: ArrayLike, blend_m: float = 0.0, turn: Rotation | None = None) -> Part:
    """A part whose frame stands at `place` (3,) [m] of the object frame, turned by object_from_part `turn`."""
    matrix = (turn or Rotation.identity()).as_matrix()
    return Part(name, shape, transform(matrix, np.asarray(place, dtype=np.float64)), blend_m)


def ball(name: str, center: Float, radii: tuple[float, ...], scale: float, blend: float, turn: Rotation) -> Part:
    """An ellipsoid part; lengths are for scale 1 [m]."""
    shape = Ellipsoid((radii[0] * scale, radii[1] * scale, radii[2] * scale))
    return Part(name, shape, transform(turn.as_matrix(), scale * np.asarray(center)), blend * scale)


def limb(name: str, start: Float, end: Float, radii: tuple[float, float], scale: float, blend: float) -> Part:
    """A round cone part from `start` to `end` (3,); lengths are for scale 1 [m]. Its x axis keeps to the object's
    up.
    """
    along = np.asarray(end) - np.asarray(start)
    length = float(np.linalg.norm(along))
    z = along / length
    hint = np.array([0.3, 0.0, 1.0]) if abs(z[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    x = hint - (hint @ z) * z
    x /= np.linalg.norm(x)
    shape: PartShape = RoundCone(length * scale, radii[0] * scale, radii[1] * scale)
    frame = transform(np.stack([x, np.cross(z, x), z], axis=1), scale * np.asarray(start))
    return Part(name, shape, frame, blend * scale)
