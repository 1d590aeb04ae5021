"""OpenCV's rational lens model: forward with derivatives, its inverse, and the points that a depth image shows.

It is NumPy throughout: cv2.projectPoints takes ten times as long, and cv2.undistortPoints stops after a few steps,
which leaves up to two pixels where a lens begins to fold over (the corners of the authors' images).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.geometry import Float

_MOST_STEPS = 20
_GOOD_ENOUGH = 1e-7  # of the focal length: a ten-thousandth of a pixel


@dataclass(frozen=True, eq=False)
class Projection:
    """Where points of the camera frame are seen, and how that changes.

    Attributes:
        pixels: (N, 2).
        by_point: (N, 2, 3) [px/m], derivative by the point in the camera frame.
        by_lens: (N, 2, 12), derivative by fx, fy, cx, cy and the distortion k1 k2 p1 p2 k3 k4 k5 k6.
    """

    pixels: Float
    by_point: Float
    by_lens: Float


def distort(xy: Float, distortion: Float) -> Float:
    """Distorted normalised coordinates (N, 2) of ideal ones; coefficients (8,) are k1 k2 p1 p2 k3 k4 k5 k6."""
    k1, k2, p1, p2, k3, k4, k5, k6 = distortion
    x, y = xy[:, 0], xy[:, 1]
    xx, yy, xy2 = x * x, y * y, 2 * x * y
    r2 = xx + yy
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    return np.stack([x * radial + p1 * xy2 + p2 * (r2 + 2 * xx), y * radial + p1 * (r2 + 2 * yy) + p2 * xy2], axis=1)


def project(points_camera: Float, intrinsics: Float, distortion: Float) -> Float:
    """Distorted pixels (N, 2) of points (N, 3) [m] with positive z."""
    return _pixels(distort(points_camera[:, :2] / points_camera[:, 2:], distortion), intrinsics)


def project_with_derivatives(points_camera: Float, intrinsics: Float, distortion: Float) -> Projection:
    """Distorted pixels of camera-frame points (N, 3) [m] through intrinsics (3, 3) and distortion (8,).

    Symbols: R = n / d the radial factor, n and d its polynomials in r2 = x^2 + y^2, R' its derivative by r2.
    """
    k1, k2, p1, p2, k3, k4, k5, k6 = distortion
    xy = points_camera[:, :2] / points_camera[:, 2:]
    x, y = xy.T
    r2 = x * x + y * y
    bottom = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / bottom
    slope = (k1 + r2 * (2 * k2 + 3 * r2 * k3) - radial * (k4 + r2 * (2 * k5 + 3 * r2 * k6))) / bottom
    mixed = 2 * (x * y * slope + p1 * x + p2 * y)
    by_xy = np.empty((len(xy), 2, 2))  # of the distorted coordinates
    by_xy[:, 0, 0] = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
    by_xy[:, 0, 1] = by_xy[:, 1, 0] = mixed
    by_xy[:, 1, 1] = radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x
    xy_by_point = np.zeros((len(xy), 2, 3))
    xy_by_point[:, 0, 0] = xy_by_point[:, 1, 1] = 1 / points_camera[:, 2]
    xy_by_point[:, :, 2] = -xy / points_camera[:, 2:]

    powers = np.stack([r2, r2 * r2, r2 * r2 * r2], axis=1) / bottom[:, None]
    by_distortion = np.empty((len(xy), 2, 8))
    by_distortion[:, :, [0, 1, 4]] = xy[:, :, None] * powers[:, None]
    by_distortion[:, :, 5:] = -radial[:, None, None] * xy[:, :, None] * powers[:, None]
    by_distortion[:, 0, 2] = by_distortion[:, 1, 3] = 2 * x * y
    by_distortion[:, 1, 2], by_distortion[:, 0, 3] = r2 + 2 * y * y, r2 + 2 * x * x
    distorted = distort(xy, distortion)
    by_lens = np.zeros((len(xy), 2, 12))
    by_lens[:, 0, 0], by_lens[:, 1, 1] = distorted.T
    by_lens[:, 0, 2] = by_lens[:, 1, 3] = 1
    by_lens[:, :, 4:] = intrinsics[:2, :2] @ by_distortion
    return Projection(_pixels(distorted, intrinsics), intrinsics[:2, :2] @ by_xy @ xy_by_point, by_lens)


def rays(pixels: Float, intrinsics: Float, distortion: Float) -> Float:
    """Directions (N, 3) with z = 1 of distorted pixels (N, 2): the inverse of `project`.

    OpenCV's inverse is the start; each further step subtracts the residual of the forward model. Pixels beyond the
    radius where a fitted lens folds over have no answer; they keep the last step.
    """
    found = np.ones((len(pixels), 3))
    if not len(pixels):
        return found
    found[:, :2] = cv2.undistortPoints(pixels.reshape(-1, 1, 2), intrinsics, distortion).reshape(-1, 2)
    y = (pixels[:, 1] - intrinsics[1, 2]) / intrinsics[1, 1]
    seen = np.stack([(pixels[:, 0] - intrinsics[0, 2] - intrinsics[0, 1] * y) / intrinsics[0, 0], y], axis=1)
    for _ in range(_MOST_STEPS):
        residual = seen - distort(found[:, :2], distortion)
        found[:, :2] += np.clip(residual, -0.1, 0.1)
        if np.abs(residual).max() < _GOOD_ENOUGH:
            break
    return found


def depth_to_points(depth_m: NDArray[np.floating], intrinsics: Float, distortion: Float) -> Float:
    """Points (H, W, 3) [m] in the camera frame of a distorted depth image (H, W) [m]; 0 where there is no reading."""
    height, width = depth_m.shape
    pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).reshape(-1, 2).astype(np.float64)
    points = rays(pixels, np.asarray(intrinsics), np.asarray(distortion)) * depth_m.reshape(-1, 1)
    return np.asarray(points, dtype=np.float64).reshape(height, width, 3)


def _pixels(distorted: Float, intrinsics: Float) -> Float:
    """Pixels (N, 2) of distorted normalised coordinates (N, 2)."""
    return np.stack(
        [
            intrinsics[0, 0] * distorted[:, 0] + intrinsics[0, 1] * distorted[:, 1] + intrinsics[0, 2],
            intrinsics[1, 1] * distorted[:, 1] + intrinsics[1, 2],
        ],
        axis=1,
    )
