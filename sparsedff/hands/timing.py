"""Time stamps for a path: from rest to rest along each straight piece, as fast as speed and acceleration limits allow.

Along a straight piece all that moves keeps step: one share s(t) from 0 to 1 with a trapezoidal (or triangular) speed,

    s'' <= a = min_k a_k / |d_k|,   s' <= v = min_k v_k / |d_k|

with d_k the way of coordinate k (joints, the palm's place and its turn) and v_k, a_k its limits. At a corner of the
path the hand stands still for an instant, so that no limit is broken there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.errors import HandError
from sparsedff.hands.pose import HandPose
from sparsedff.hands.spec import EndEffector

Float = NDArray[np.float64]

_STRAIGHT = 1e-4  # steps whose directions differ by less belong to one piece
_LEVER_M = 0.1  # the palm's turn counts as the way of a point that far from its axis


@dataclass(frozen=True, eq=False)
class Timed:
    """A path with its time.

    Attributes:
        poses: K of them.
        seconds: (K,) [s] from the first, rising.
        velocities, accelerations: (K, J) of the joints [rad/s, m/s] and per second.
    """

    poses: tuple[HandPose, ...]
    seconds: Float
    velocities: Float
    accelerations: Float


def timed(spec: EndEffector, path: Sequence[HandPose]) -> Timed:
    """Give a path its time.

    Args:
        spec: its limits.
        path: at least one pose; poses that equal the one before are left out.

    Raises:
        HandError: the path is empty.
    """
    if not path:
        raise HandError("there is no pose to give a time to")
    poses = [path[0]]
    for pose in path[1:]:
        if np.abs(_way(poses[-1], pose)).max() > 1e-9:
            poses.append(pose)
    count = len(spec.layout)
    ways = np.array([_way(a, b) for a, b in pairwise(poses)]).reshape(len(poses) - 1, count + 2)
    speed = np.append(np.full(count, spec.max_speed), [spec.palm_speed_m_s] * 2)
    strength = np.append(np.full(count, spec.max_acceleration), [spec.palm_acceleration_m_s2] * 2)
    seconds, velocities, accelerations = [0.0], [np.zeros(count)], [np.zeros(count)]
    for begin, end in _pieces(poses, ways):
        whole = ways[begin:end].sum(axis=0)
        moves = np.abs(whole) > 1e-12
        v, a = (float((limit[moves] / np.abs(whole[moves])).min()) for limit in (speed, strength))
        sizes = np.linalg.norm(ways[begin:end], axis=1)
        start = seconds[-1]
        for share in (*(np.cumsum(sizes) / sizes.sum())[:-1], 1.0):
            t, rate, pull = _trapezoid(float(share), v, a)
            seconds.append(start + t)
            velocities.append(rate * whole[:count])
            accelerations.append(pull * whole[:count])
    return Timed(tuple(poses), np.array(seconds), np.array(velocities), np.array(accelerations))


def _way(a: HandPose, b: HandPose) -> Float:
    """Joints, the palm's way and its turn (J + 2,) from one pose to the next [rad, m]."""
    turn = Rotation.from_matrix(a.rotation.T @ b.rotation).magnitude() * _LEVER_M
    return np.append(b.joints - a.joints, [np.linalg.norm(b.translation - a.translation), turn])


def _pieces(poses: Sequence[HandPose], ways: Float) -> list[tuple[int, int]]:
    """[begin, end) of the steps that form straight pieces."""
    directions = []
    for (a, b), way in zip(pairwise(poses), ways, strict=True):
        turn = Rotation.from_matrix(b.rotation @ a.rotation.T).as_rotvec() * _LEVER_M
        full = np.concatenate([way[:-2], b.translation - a.translation, turn])
        directions.append(full / np.linalg.norm(full))
    corners = [i for i in range(1, len(ways)) if np.linalg.norm(directions[i] - directions[i - 1]) > _STRAIGHT]
    bounds = [0, *corners, len(ways)]
    return [(begin, end) for begin, end in pairwise(bounds) if end > begin]


def _trapezoid(share: float, v: float, a: float) -> tuple[float, float, float]:
    """Time [s], speed and acceleration of s at which a share of the way from 0 to 1 is done; see the file's head."""
    v = min(v, a**0.5)  # a short way never reaches its greatest speed
    ramp, total = v / a, 1 / v + v / a
    if share <= 0.5 * v * ramp:
        t = (2 * share / a) ** 0.5
        return t, a * t, a
    if share >= 1 - 0.5 * v * ramp:
        left = (2 * max(1 - share, 0.0) / a) ** 0.5
        return total - left, a * left, -a
    return 0.5 * ramp + share / v, v, 0.0
