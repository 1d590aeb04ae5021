"""How the views' surfaces must be moved to lie on each other: point-to-plane registration of all of them at once.

Symbols: every view's points p and normals n are moved by a transform T about the scene's middle m; a step of it is
(turn w, shift d): p -> p + w x (p - m) + d. A point p of one view and its nearest neighbour q of another give

    r = n_q . (p - q),    dr/d(w, d) of p's view = ((p - m) x n_q, n_q), of q's view the same with the other sign.

Minimised is the weighted sum of r^2 over table and objects, each of which weighs the same however many its points are:
a plane alone leaves sliding and yaw open. Weak priors hold what nothing says, such as where everything lies together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from sparsedff.geometry import Float, apply, transform
from sparsedff.quality.surface import Surface

_GATES_M = (0.15, 0.03)  # farthest neighbour that counts, in the first step and from the middle on
_SCALE = 0.5  # of the gate: larger residuals weigh nothing, however many others agree better
_ALIKE = 0.5  # cosine between the normals of neighbours that show one surface
_COUNTED, _NOISE_M = 20, 0.003  # as so many readings of this noise a kind weighs against the priors
_PRIOR = np.array([0.05] * 3 + [0.05] * 3)  # [rad] and [m]: standard deviations; yaw about a bottle is theirs alone


@dataclass(frozen=True, eq=False)
class _Pairs:
    """K points and their nearest neighbours in other views.

    Attributes:
        first, second: (K,) whose the point and its neighbour are.
        residual: (K,) distance from the neighbour's plane [m].
        slope: (K, 6) its derivative by the turn and shift of the first view; that by the second's is the negative.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    residual: Float
    slope: Float


def register(surfaces: Sequence[Surface], steps: int) -> Float:
    """corrected_from_world (C, 4, 4): how each view's points must be moved for the views to agree.

    Only the transforms' differences mean something: moving all views together changes no residual.

    Args:
        surfaces: of the views; empty ones stay where they are.
        steps: of the iteration.
    """
    middle = middle_of(surfaces)
    moved = np.tile(np.eye(4), (len(surfaces), 1, 1))
    for step in range(steps):
        share = min(1.0, 2 * step / max(steps - 1, 1))
        moved = _step(surfaces, moved, middle, _GATES_M[0] * (_GATES_M[1] / _GATES_M[0]) ** share)
    return moved


def middle_of(surfaces: Sequence[Surface]) -> Float:
    """(3,) [m] the median of the objects' points; of all points where there are no objects; else the origin."""
    for kind in (True, False):
        points = np.concatenate([surface.points[surface.on_object == kind] for surface in surfaces])
        if len(points):
            return np.asarray(np.median(points, axis=0))
    return np.zeros(3)


def _step(surfaces: Sequence[Surface], moved: Float, middle: Float, gate: float) -> Float:
    """The transforms after one Gauss-Newton step."""
    count = len(surfaces)
    points = [apply(pose, surface.points) - middle for pose, surface in zip(moved, surfaces, strict=True)]
    normals = [surface.normals @ pose[:3, :3].T for pose, surface in zip(moved, surfaces, strict=True)]
    # Rows and columns of the normal equations by (view, one of six).
    matrix, side = np.zeros((count, 6, count, 6)), np.zeros((count, 6))
    for kind in (False, True):
        chosen = [surface.on_object == kind for surface in surfaces]
        pairs = _neighbours(_chosen(points, chosen), _chosen(normals, chosen), gate)
        weight = np.maximum(1 - (pairs.residual / (_SCALE * gate)) ** 2, 0) ** 2
        weight *= _COUNTED / (_NOISE_M**2 * max(float(weight.sum()), 1.0))
        for a, b in np.argwhere(~np.eye(count, dtype=bool)):
            here = (pairs.first == a) & (pairs.second == b)
            weighted = pairs.slope[here].T * weight[here]
            block, push = weighted @ pairs.slope[here], weighted @ pairs.residual[here]
            for one, other, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
                matrix[one, :, other] += sign * block
            side[a] += push
            side[b] -= push
    turns = Rotation.from_matrix(moved[:, :3, :3]).as_rotvec()
    shifts = np.stack([apply(pose, middle) for pose in moved]) - middle
    prior = np.tile(_PRIOR**-2, count)
    pull = side.ravel() + prior * np.concatenate([turns, shifts], axis=1).ravel()
    changes = np.linalg.solve(matrix.reshape(6 * count, 6 * count) + np.diag(prior), -pull).reshape(count, 6)
    turned = Rotation.from_rotvec(changes[:, :3]).as_matrix()
    steps = [transform(turn, middle - turn @ middle + d) for turn, d in zip(turned, changes[:, 3:], strict=True)]
    return np.stack(steps) @ moved


def _chosen(arrays: Sequence[Float], masks: Sequence[NDArray[np.bool_]]) -> list[Float]:
    return [array[mask] for array, mask in zip(arrays, masks, strict=True)]


def _neighbours(points: Sequence[Float], normals: Sequence[Float], gate: float) -> _Pairs:
    """Every view's points (N, 3) and what lies nearest to them in the other views, no further off than the gate."""
    owner = np.concatenate([np.full(len(mine), index) for index, mine in enumerate(points)])
    everything, turned = np.concatenate(points), np.concatenate(normals)
    first, second = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]  # rows of `everything`
    for index in range(len(points)):
        mine, others = np.flatnonzero(owner == index), np.flatnonzero(owner != index)
        if len(mine) and len(others):
            distance, near = cKDTree(everything[others]).query(everything[mine], distance_upper_bound=gate)
            there = np.isfinite(distance)
            first.append(mine[there])
            second.append(others[near[there]])
    p, q = np.concatenate(first), np.concatenate(second)
    alike = np.einsum("ni,ni->n", turned[p], turned[q]) > _ALIKE
    p, q = p[alike], q[alike]
    residual = np.einsum("ni,ni->n", everything[p] - everything[q], turned[q])
    slope = np.concatenate([np.cross(everything[p], turned[q]), turned[q]], axis=1)
    return _Pairs(owner[p], owner[q], residual, slope)
