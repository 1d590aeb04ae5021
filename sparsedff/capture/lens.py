"""OpenCV's rational lens model on whole images, forth and back.

NumPy, because cv2.projectPoints takes ten times as long and cv2.undistortPoints stops before the miss is small.
"""

from __future__ import annotations

import cv2
import numpy as np

from sparsedff.geometry import Float

_STEPS = 10
_GOOD_ENOUGH = 1e-6  # of the focal length: a thousandth of a pixel


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
    xy = distort(points_camera[:, :2] / points_camera[:, 2:], distortion)
    return np.stack(
        [
            intrinsics[0, 0] * xy[:, 0] + intrinsics[0, 1] * xy[:, 1] + intrinsics[0, 2],
            intrinsics[1, 1] * xy[:, 1] + intrinsics[1, 2],
        ],
        axis=1,
    )


def rays(pixels: Float, intrinsics: Float, distortion: Float) -> Float:
    """Directions (N, 3) with z = 1 of distorted pixels (N, 2).

    OpenCV's inverse, from which each further step takes the miss of the forward model off. Pixels beyond the radius
    where a fitted lens folds over have no answer; they keep the last step.
    """
    found = np.ones((len(pixels), 3))
    if not len(pixels):
        return found
    found[:, :2] = cv2.undistortPoints(pixels.reshape(-1, 1, 2), intrinsics, distortion).reshape(-1, 2)
    y = (pixels[:, 1] - intrinsics[1, 2]) / intrinsics[1, 1]
    seen = np.stack([(pixels[:, 0] - intrinsics[0, 2] - intrinsics[0, 1] * y) / intrinsics[0, 0], y], axis=1)
    for _ in range(_STEPS):
        miss = seen - distort(found[:, :2], distortion)
        found[:, :2] += np.clip(miss, -0.1, 0.1)
        if np.abs(miss).max() < _GOOD_ENOUGH:
            break
    return found
