"""Errors of a pose by the model's points: ADD, ADD-S, MSSD and MSPD.

Symbols: P the estimated and G the true camera_from_model, x the model's points, S its symmetries.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.geometry import Float, apply, project


def add(estimate: Float, truth: Float, points: Float) -> float:
    """Mean over x of |P x - G x| [m] (Hinterstoisser et al., 2012).

    Args:
        estimate, truth: (4, 4) camera_from_model.
        points: (N, 3) [m] of the model.
    """
    return float(np.linalg.norm(apply(estimate, points) - apply(truth, points), axis=1).mean())


def add_s(estimate: Float, truth: Float, points: Float) -> float:
    """Mean over x of the distance [m] from G x to the nearest P y: ADD for symmetric objects; arguments as of `add`."""
    nearest, _ = cKDTree(apply(estimate, points)).query(apply(truth, points))
    return float(nearest.mean())


def mssd(estimate: Float, truth: Float, points: Float, symmetries: NDArray[np.float64]) -> float:
    """Maximum symmetry-aware surface distance [m]: least over S of the largest over x of |P x - G S x|.

    Args:
        estimate, truth, points: as of `add`.
        symmetries: (S, 4, 4) of `symmetry_transforms`.
    """
    found = apply(estimate, points)
    return min(float(np.linalg.norm(found - apply(truth @ one, points), axis=1).max()) for one in symmetries)


def mspd(
    estimate: Float, truth: Float, points: Float, symmetries: NDArray[np.float64], intrinsics: NDArray[np.floating]
) -> float:
    """Maximum symmetry-aware projection distance [px]: as `mssd`, of the projected points.

    It is infinite where the estimate puts a point behind the camera.

    Args:
        estimate, truth, points, symmetries: as of `mssd`.
        intrinsics: (3, 3) [px].
    """
    found = apply(estimate, points)
    if (found[:, 2] <= 0).any() or (apply(truth, points)[:, 2] <= 0).any():
        return float("inf")
    pixels = project(found, intrinsics)
    largest = (
        np.linalg.norm(pixels - project(apply(truth @ one, points), intrinsics), axis=1).max() for one in symmetries
    )
    return float(min(largest))
