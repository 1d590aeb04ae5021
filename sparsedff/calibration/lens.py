"""OpenCV's rational lens model, forth with derivatives and back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sparsedff.geometry import Float

_MOST_STEPS = 20


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


def project_points(points_camera: Float, intrinsics: Float, distortion: Float) -> Projection:
    """Distorted pixels of camera-frame points (N, 3) [m] through intrinsics (3, 3) and distortion (8,)."""
    still = np.zeros(3)  # moving the board by its translation moves every point alike: that derivative is by_point
    pixels, jacobian = cv2.projectPoints(np.ascontiguousarray(points_camera), still, still, intrinsics, distortion)
    by_all = np.asarray(jacobian, dtype=np.float64).reshape(len(points_camera), 2, -1)
    flat = np.asarray(pixels, dtype=np.float64).reshape(-1, 2)
    return Projection(flat, by_all[:, :, 3:6], by_all[:, :, 6:18])


def undistort_pixels(pixels: Float, intrinsics: Float, distortion: Float) -> Float:
    """Normalised coordinates (N, 2), those of the rays at z = 1, of distorted pixels (N, 2).

    OpenCV's inverse stops after a few steps; each step here takes the miss of the forward model off, to a thousandth
    of a pixel. Pixels beyond the radius where a fitted lens model folds over have no answer; they keep the last step.
    """
    if not len(pixels):
        return np.zeros((0, 2))
    normalised = cv2.undistortPoints(pixels.reshape(-1, 1, 2), intrinsics, distortion).reshape(-1, 2)
    focal = np.array([intrinsics[0, 0], intrinsics[1, 1]])
    for _ in range(_MOST_STEPS):
        rays = np.concatenate([normalised, np.ones((len(normalised), 1))], axis=1)
        miss = pixels - project_points(rays, intrinsics, distortion).pixels
        normalised = normalised + np.clip(miss / focal, -0.1, 0.1)
        if np.abs(miss).max() < 1e-3:
            break
    return np.asarray(normalised, dtype=np.float64)
