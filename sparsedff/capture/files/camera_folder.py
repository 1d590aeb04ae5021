"""The .npy files of a camera folder, read with every check that untrusted or half-copied files call for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import CalibrationError, CaptureError, SparseDFFError
from sparsedff.geometry import Float, check_intrinsics

_MAGIC = b"\x93NUMPY"


def _read(path: Path, error_class: type[SparseDFFError]) -> NDArray:
    """The array in a .npy file; never unpickles."""
    try:
        with path.open("rb") as file:
            is_npy = file.read(len(_MAGIC)) == _MAGIC
            file.seek(0)
            array = np.load(file, allow_pickle=False) if is_npy else None
    except FileNotFoundError:
        raise error_class(f"{path}: no such file; copy the whole camera folder or capture again") from None
    except OSError as error:
        raise error_class(f"{path}: cannot be read ({error.strerror or error}); check the file") from None
    except (ValueError, EOFError, MemoryError, SyntaxError, TypeError, OverflowError) as error:
        if "pickle" in str(error) or "Object arrays" in str(error):
            raise error_class(f"{path}: holds pickled objects, which are never loaded; save plain numbers") from None
        raise error_class(f"{path}: is truncated or damaged; copy it again or capture again") from None
    if array is None:
        raise error_class(f"{path}: is no .npy file (empty, cut off, pickled or of another kind); copy it again")
    return array


def read_color(path: Path) -> NDArray[np.uint8]:
    """colors.npy (H, W, 3) uint8 BGR on disk -> RGB.

    Raises:
        CaptureError: missing, damaged, pickled, or of another type or shape.
    """
    bgr = _read(path, CaptureError)
    if bgr.dtype != np.uint8 or bgr.ndim != 3 or bgr.shape[2] != 3 or bgr.size == 0:
        raise CaptureError(f"{path}: colour must be (H, W, 3) uint8 BGR, got {bgr.shape} {bgr.dtype}; capture again")
    return np.ascontiguousarray(bgr[..., ::-1])


def read_depth(path: Path) -> NDArray[np.float32]:
    """depth.npy (H, W) uint16 [mm] on disk -> float32 [m], 0 = no reading.

    Raises:
        CaptureError: missing, damaged, pickled, of another type or shape, or without a single reading.
    """
    depth_mm = _read(path, CaptureError)
    if depth_mm.dtype != np.uint16 or depth_mm.ndim != 2 or depth_mm.size == 0:
        raise CaptureError(
            f"{path}: depth must be (H, W) uint16 in millimetres, got {depth_mm.shape} {depth_mm.dtype}; capture again"
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
    array = _read(path, CalibrationError)
    if array.dtype.kind not in "fiu":
        raise CalibrationError(f"{path}: must hold real numbers, got {array.dtype}; recalibrate the camera")
    return array.astype(np.float64)
