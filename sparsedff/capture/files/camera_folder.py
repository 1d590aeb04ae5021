"""The .npy files of a camera folder: from BGR and millimetres on disk to RGB and metres."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.files.npy import read_npy
from sparsedff.geometry import Float, check_intrinsics

_AGAIN = "copy it again or capture again"
_MISSING = "no such file; copy the whole camera folder or capture again"


def read_color(path: Path) -> NDArray[np.uint8]:
    """colors.npy (H, W, 3) uint8 BGR on disk -> RGB.

    Raises:
        CaptureError: missing, damaged, pickled, or of another type or shape.
    """
    rule = "colour must be (H, W, 3) uint8 BGR"
    bgr = read_npy(path, CaptureError, _AGAIN, missing=_MISSING, shapes=[(None, None, 3)], kinds=["uint8"], rule=rule)
    return np.ascontiguousarray(bgr[..., ::-1])


def read_depth(path: Path) -> NDArray[np.float32]:
    """depth.npy (H, W) uint16 [mm] on disk -> float32 [m], 0 = no reading.

    Raises:
        CaptureError: missing, damaged, pickled, of another type or shape, or without a single reading.
    """
    rule = "depth must be (H, W) uint16 in millimetres"
    depth_mm = read_npy(
        path, CaptureError, _AGAIN, missing=_MISSING, shapes=[(None, None)], kinds=["uint16"], rule=rule
    )
    if not depth_mm.any():
        raise CaptureError(f"{path}: depth is zero everywhere, the camera saw nothing; check it and capture again")
    return depth_mm.astype(np.float32) / np.float32(1000)


def read_intrinsics(path: Path) -> Float:
    """intrinsic.npy (3, 3) [px].

    Raises:
        CalibrationError: missing, damaged, pickled, no numbers, NaN or singular.
    """
    return check_intrinsics(_numbers(path), str(path))


def read_distortion(path: Path) -> Float:
    """distortion.npy: 4, 5 or 8 OpenCV coefficients, flattened.

    Raises:
        CalibrationError: missing, damaged, pickled, no numbers, NaN or another count.
    """
    values = _numbers(path).reshape(-1)
    if values.size not in (4, 5, 8) or not np.isfinite(values).all():
        raise CalibrationError(
            f"{path}: distortion is 4, 5 or 8 finite numbers (k1 k2 p1 p2 k3 k4 k5 k6), got {values.tolist()[:9]}"
        )
    return values


def _numbers(path: Path) -> Float:
    again = "copy it again or recalibrate the camera"
    return read_npy(path, CalibrationError, again, missing=_MISSING).astype(np.float64)
