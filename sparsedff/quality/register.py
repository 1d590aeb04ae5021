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

_GATES_M = (0.15, 0.03, 0.015)  # farthest neighbour that counts: in the first step, at last on the table, on objects
_SCALE, _LEAST_SCALE_M = 0.5, 0.012  # of the gate: larger residuals weigh nothing, however many others agree better
_ALIKE = 0.8  # cosine between the normals of neighbours that show one surface; at an edge they show two
_MUTUAL, _LEAST_MUTUAL_M = 0.1, 0.006  # of the gate: so near the neighbour's own neighbour is to the point
_PAYS, _CAP_M = (0.98, 0.9), 0.03  # of the distance left before a small or large motion; none counts over the cap
_COUNTED, _NOISE_M = 100, 0.003  # as so many readings of this noise a kind weighs against the priors
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
    middle, (wide, *narrow) = middle_of(surfaces), _GATES_M
    still = np.tile(np.eye(4), (len(surfaces), 1, 1))
    near = far = still
    for _ in range(steps // 2):
        near = _step(surfaces, near, middle, narrow)
    for step in range(steps):
        share = min(1.0, 2 * step / max(steps - 1, 1))
        far = _step(surfaces, far, middle, [wide * (gate / wide) ** share for gate in narrow])
    # A surface that only one view sees is drawn to its neighbours, the more the wider the gate: a motion must pay.
    best = still
    for pays, candidate in zip(_PAYS, (near, far), strict=True):
        if _apart(surfaces, candidate) < pays * _apart(surfaces, best):
            best = candidate
    return best


def _apart(surfaces: Sequence[Surface], corrected_from_world: Float) -> float:
    """Mean distance of the objects' points from their nearest in other views, and the table's along its normal [m]."""
    corrected = list(zip(corrected_from_world, surfaces, strict=True))
    table = [apply(pose, surface.points[~surface.on_object]) for pose, surface in corrected]
    objects = [apply(pose, surface.points[surface.on_object]) for pose, surface in corrected]
    return _table_apart(np.concatenate(table)) + _objects_apart(objects)


def _table_apart(points: Float) -> float:
    """Mean height of points (N, 3) [m] over or under the plane through their median that fits them best [m]."""
    if len(points) <= 3:
        return 0.0
    flat = points - np.median(points, axis=0)
    slope = np.linalg.lstsq(flat[:, :2], flat[:, 2], rcond=None)[0]
    return float(np.minimum(np.abs(flat[:, 2] - flat[:, :2] @ slope), _CAP_M).mean())


def _objects_apart(points: Sequence[Float]) -> float:
    """Mean distance of every view's points (N, 3) [m] from the nearest of the other views [m]."""
    total = 0.0
    for index, mine in enumerate(points):
        others = np.concatenate([*points[:index], *points[index + 1 :]])
        if len(mine) and len(others):
            total += float(np.minimum(cKDTree(others).query(mine)[0], _CAP_M).mean()) / len(points)
    return total


def middle_of(surfaces: Sequence[Surface]) -> Float:
    """(3,) [m] the median of the objects' points; of all points where there are no objects; else the origin."""
    for kind in (True, False):
        points = np.concatenate([surface.points[surface.on_object == kind] for surface in surfaces])
        if len(points):
            return np.asarray(np.median(points, axis=0))
    return np.zeros(3)


def _step(surfaces: Sequence[Surface], corrected_from_world: Float, middle: Float, gates: Sequence[float]) -> Float:
    """corrected_from_world (C, 4, 4) after one Gauss-Newton step."""
    count = len(surfaces)
    points = [
        apply(pose, surface.points) - middle for pose, surface in zip(corrected_from_world, surfaces, strict=True)
    ]
    normals = [surface.normals @ pose[:3, :3].T for pose, surface in zip(corrected_from_world, surfaces, strict=True)]
    matrix, side = np.zeros((6 * count, 6 * count)), np.zeros(6 * count)
    for kind, gate in zip((False, True), gates, strict=True):
        chosen = [surface.on_object == kind for surface in surfaces]
        pairs = _neighbours(_chosen(points, chosen), _chosen(normals, chosen), gate)
        weight = np.maximum(1 - (pairs.residual / max(_SCALE * gate, _LEAST_SCALE_M)) ** 2, 0) ** 2
        weight *= _COUNTED / (_NOISE_M**2 * max(float(weight.sum()), 1.0))
        slopes, rows = np.zeros((len(weight), count, 6)), np.arange(len(weight))
        slopes[rows, pairs.first] = pairs.slope
        slopes[rows, pairs.second] = -pairs.slope
        flat = slopes.reshape(len(weight), 6 * count)
        matrix += (flat.T * weight) @ flat
        side += flat.T @ (weight * pairs.residual)
    turns = Rotation.from_matrix(corrected_from_world[:, :3, :3]).as_rotvec()
    shifts = np.stack([apply(pose, middle) for pose in corrected_from_world]) - middle
    prior = np.tile(_PRIOR**-2, count)
    pull = side + prior * np.concatenate([turns, shifts], axis=1).ravel()
    changes = np.linalg.solve(matrix + np.diag(prior), -pull).reshape(count, 6)
    turned = Rotation.from_rotvec(changes[:, :3]).as_matrix()
    steps = [transform(turn, middle - turn @ middle + d) for turn, d in zip(turned, changes[:, 3:], strict=True)]
    return np.stack(steps) @ corrected_from_world


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
            # Where only one view sees a surface, its points have no partner that would choose them in turn.
            back = cKDTree(everything[mine]).query(everything[others[near[there]]])[1]
            lost = np.linalg.norm(everything[mine[back]] - everything[mine[there]], axis=1)
            there[there] = lost < max(_MUTUAL * gate, _LEAST_MUTUAL_M)
            first.append(mine[there])
            second.append(others[near[there]])
    p, q = np.concatenate(first), np.concatenate(second)
    alike = np.einsum("ni,ni->n", turned[p], turned[q]) > _ALIKE
    p, q = p[alike], q[alike]
    residual = np.einsum("ni,ni->n", everything[p] - everything[q], turned[q])
    slope = np.concatenate([np.cross(everything[p], turned[q]), turned[q]], axis=1)
    return _Pairs(owner[p], owner[q], residual, slope)
