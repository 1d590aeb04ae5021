"""The points that the pixels of a still distorted view see."""

from __future__ import annotations

import cv2
import numpy as np

from sparsedff.capture.model import View
from sparsedff.geometry import Float


def points_camera(view: View) -> Float:
    """(H, W, 3) [m] in the camera frame: the ray of each distorted pixel at its depth; 0 where there is no reading."""
    height, width = view.depth_m.shape
    pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).reshape(-1, 1, 2).astype(np.float64)
    rays = cv2.undistortPoints(pixels, view.intrinsics, view.distortion)
    rays = np.concatenate([rays.reshape(height, width, 2), np.ones((height, width, 1))], axis=-1)
    return np.asarray(rays * view.depth_m[..., None], dtype=np.float64)
