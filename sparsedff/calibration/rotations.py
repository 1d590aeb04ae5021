"""Small turns of rotation matrices, and how points follow them."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.geometry import Float


def cross_matrix(vectors: Float) -> Float:
    """(..., 3, 3) matrices that take the cross product with vectors (..., 3) from the left."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    rows = [np.stack(row, axis=-1) for row in ((zero, -z, y), (z, zero, -x), (-y, x, zero))]
    return np.stack(rows, axis=-2)


def left_jacobian(turns: Float) -> Float:
    """(..., 3, 3): d exp(turn) p = -[exp(turn) p]x J d turn, for rotation vectors (..., 3) [rad].

    J = 1 + (1 - cos a) / a^2 [w]x + (a - sin a) / a^3 [w]x^2 with a = |w|; series near zero.
    """
    angle = np.linalg.norm(turns, axis=-1)[..., None, None]
    small = angle < 1e-3
    safe = np.where(small, 1.0, angle)
    first = np.where(small, 0.5 - angle**2 / 24, (1 - np.cos(safe)) / safe**2)
    second = np.where(small, 1 / 6 - angle**2 / 120, (safe - np.sin(safe)) / safe**3)
    cross = cross_matrix(turns)
    return np.asarray(np.eye(3) + first * cross + second * cross @ cross)


def retraction(poses: Float, steps: Float) -> Float:
    """Poses (K, 4, 4) after small updates (K, 6): a rotation vector [rad] in the target frame, then a shift [m].

    The turn multiplies the rotation alone; the shift is added to the translation.
    """
    result = np.array(poses)
    result[:, :3, :3] = Rotation.from_rotvec(steps[:, :3]).as_matrix() @ poses[:, :3, :3] if len(poses) else 0.0
    result[:, :3, 3] += steps[:, 3:]
    return result


def angle_between(first: Float, second: Float) -> Float:
    """Angle [rad] between rotations (..., 3, 3)."""
    relative = np.swapaxes(first, -1, -2) @ second
    angles = Rotation.from_matrix(relative.reshape(-1, 3, 3)).magnitude()
    return np.asarray(angles).reshape(relative.shape[:-2])
