"""Remove lens distortion from a view."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import View


def undistort(view: View, color_interpolation: int = cv2.INTER_LINEAR) -> View:
    """The view as an ideal pinhole camera with the same intrinsics would have seen it; its distortion becomes zero.

    Depth is sampled at the nearest pixel, because the mean of two surfaces lies on neither. Colour is sampled linearly:
    the published code takes the nearest pixel there too, which `color_interpolation=cv2.INTER_NEAREST` reproduces;
    descriptors prefer the smoother image.
    """
    if not view.distortion.any():
        return view
    map_x, map_y = undistortion_map(view.intrinsics, view.distortion, view.image_size)
    color = cv2.remap(np.array(view.color_rgb), map_x, map_y, color_interpolation)
    depth = cv2.remap(np.array(view.depth_m), map_x, map_y, cv2.INTER_NEAREST)
    return replace(
        view,
        color_rgb=np.asarray(color, dtype=np.uint8),
        depth_m=np.asarray(depth, dtype=np.float32),
        distortion=np.zeros(8),
    )


def undistortion_map(
    intrinsics: NDArray[np.float64], distortion: NDArray[np.float64], image_size: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each undistorted pixel is found in the distorted image: (H, W) columns and (H, W) rows [px]."""
    map_x, map_y = cv2.initUndistortRectifyMap(
        np.array(intrinsics), np.array(distortion), np.eye(3), np.array(intrinsics), image_size, cv2.CV_32FC1
    )
    return np.asarray(map_x, dtype=np.float32), np.asarray(map_y, dtype=np.float32)
