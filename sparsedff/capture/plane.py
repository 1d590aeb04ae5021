"""The plane that holds most of a cloud's points: RANSAC, then least squares over the points that lie in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.geometry import Float

_LEAST_AREA_M2 = 1e-8  # of the parallelogram of three points; the normal of a smaller one is chance

Admits = Callable[[Float, Float], NDArray[np.bool_]]
"""From unit normals (K, 3), of either sign, and offsets (K,) [m] to which planes (K,) may be chosen."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane n . x = offset.

    Attributes:
        normal: (3,) unit vector; its sign is open.
        offset: distance from the origin along the normal [m].
        inliers: (N,) which of the given points lie within the tolerance of it.
        rms_m: root mean square distance of the inliers from the plane [m].
    """

    normal: Float
    offset: float
    inliers: NDArray[np.bool_]
    rms_m: float


@dataclass(frozen=True)
class PlaneSearch:
    """How a plane is looked for.

    Attributes:
        tolerance_m: farthest that a point of the plane lies from it [m].
        tries: planes through three random points each.
        refits: least squares fits at most; they end earlier when the same points stay inliers.
        counted: at most about this many points, evenly spaced in their order, decide between the tries.
    """

    tolerance_m: float
    tries: int
    refits: int = 1
    counted: int | None = None


def fit_plane(
    points: Float, search: PlaneSearch, rng: np.random.Generator, admits: Admits | None = None
) -> Plane | None:
    """The plane with most points within the tolerance.

    1. Planes through three points each are drawn; those that `admits` refuses are dropped.
    2. The one with most points within the tolerance stays.
    3. Least squares over its inliers (the direction of their smallest spread), and the inliers again.

    Args:
        points: (N, 3) [m].
        search: tolerance and effort.
        rng: draws the tries.
        admits: which planes may be chosen; None admits all.

    Returns:
        None where there is no plane to choose.
    """
    corners = points[rng.integers(0, len(points), (search.tries, 3))]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    wide = lengths > _LEAST_AREA_M2
    normals, corners = normals[wide] / lengths[wide, None], corners[wide]
    offsets = np.einsum("ij,ij->i", normals, corners[:, 0])
    if admits is not None:
        admitted = admits(normals, offsets)
        normals, offsets = normals[admitted], offsets[admitted]
    if not len(normals):
        return None
    counted = points if search.counted is None else points[:: max(1, len(points) // search.counted)]
    best = int((np.abs(counted @ normals.T - offsets) < search.tolerance_m).sum(axis=0).argmax())
    normal, offset = normals[best], float(offsets[best])
    inliers: NDArray[np.bool_] = np.abs(points @ normal - offset) < search.tolerance_m
    for _ in range(search.refits):
        if inliers.sum() < 3:
            break
        middle = points[inliers].mean(axis=0)
        normal = np.linalg.svd(points[inliers] - middle, full_matrices=False)[2][2]
        offset = float(middle @ normal)
        again = np.abs(points @ normal - offset) < search.tolerance_m
        if (again == inliers).all():
            break
        inliers = again
    rms_m = float(np.sqrt(np.mean((points[inliers] @ normal - offset) ** 2))) if inliers.any() else 0.0
    return Plane(normal, offset, inliers, rms_m)
