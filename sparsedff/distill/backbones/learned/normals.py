"""Normals of the seen surface, towards the camera, from the points of a view."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.backbones.base import ObjectView

RADIUS_M = 0.008
"""A plane is fitted to the points within this much, left, right, up and down in the image."""
_PAIRS = tuple((i, j) for i in range(3) for j in range(i, 3))


def normal_map(view: ObjectView) -> NDArray[np.float32]:
    """Unit normals (rows, columns, 3) in the world on the view's grid; zero off the mask.

    1. Around a pixel the object's points within a square window give a mean and a covariance, by box filters.
    2. The direction of least spread is the normal.
    3. Of its two signs that towards the camera is taken: the mean points to the right and below, minus those to the
       left and above, span the surface as the camera sees it, right-handed away from the camera.
    """
    left, top, right, bottom = view.box
    radius = max(1, round(RADIUS_M * view.pixels_per_metre))
    mask = view.mask[top:bottom, left:right].astype(np.float64)
    points = view.points_world[top:bottom, left:right]
    middle = points[mask > 0].mean(axis=0)
    local = np.where(mask[..., None] > 0, points - middle, 0.0)  # about the middle: squares lose no digits

    u, v = view.cell_centres()
    u = np.clip(np.rint(u).astype(np.int64) - left, 0, right - left - 1)
    v = np.clip(np.rint(v).astype(np.int64) - top, 0, bottom - top - 1)
    columns, rows = np.meshgrid(np.arange(right - left, dtype=np.float64), np.arange(bottom - top, dtype=np.float64))
    moments = [mask, *np.moveaxis(local, -1, 0)]
    moments += [local[..., i] * local[..., j] for i, j in _PAIRS]
    moments += [mask * columns, mask * rows, mask * columns * columns, mask * rows * rows, mask * columns * rows]
    moments += [local[..., i] * axis for axis in (columns, rows) for i in range(3)]
    sums = [_box(one, radius)[v, u] for one in moments]
    count = np.maximum(sums[0], 1e-9)
    mean = np.stack(sums[1:4], axis=-1) / count[..., None]
    covariance = np.empty((*count.shape, 3, 3))
    for number, (i, j) in enumerate(_PAIRS):
        covariance[..., i, j] = covariance[..., j, i] = sums[4 + number] / count - mean[..., i] * mean[..., j]
    normals = np.linalg.eigh(covariance)[1][..., 0]

    # Slopes of the surface along the image's columns and rows, by least squares.
    at = np.stack(sums[10:12], axis=-1) / count[..., None]
    spread_u, spread_v = sums[12] / count - at[..., 0] ** 2, sums[13] / count - at[..., 1] ** 2
    mixed = sums[14] / count - at[..., 0] * at[..., 1]
    along_u = np.stack(sums[15:18], axis=-1) / count[..., None] - at[..., :1] * mean
    along_v = np.stack(sums[18:21], axis=-1) / count[..., None] - at[..., 1:] * mean
    slope_u = along_u * spread_v[..., None] - along_v * mixed[..., None]
    slope_v = along_v * spread_u[..., None] - along_u * mixed[..., None]
    # Columns run to the right and rows down, so their slopes' cross product points away from the camera.
    away = np.einsum("rci,rci->rc", normals, np.cross(slope_u, slope_v))
    normals *= np.where(away > 0, -1.0, 1.0)[..., None]
    normals[view.mask[top:bottom, left:right][v, u] == 0] = 0.0
    return np.asarray(normals, dtype=np.float32)


def _box(values: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    side = 2 * radius + 1
    return np.asarray(cv2.boxFilter(values, cv2.CV_64F, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT))
