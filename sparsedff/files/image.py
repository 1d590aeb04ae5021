"""Images of bounded size: PNG, JPEG, TIFF, and OpenEXR where its package is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.common.extras import missing
from sparsedff.files.opened import Error, decoding, read_bytes

MOST_BYTES = 1 << 30
_REMEDY = "save it again as PNG"


def read_color_image(path: Path, error: Error) -> NDArray[np.uint8]:
    """A colour image as (H, W, 3) uint8 RGB.

    Raises:
        SparseDFFError: of the class `error`; the file is missing, unreadable, too large or no image.
    """
    image = _read(path, error, cv2.IMREAD_COLOR)
    if image.dtype != np.uint8:
        raise error(f"{path}: a colour image has 8 bits a channel, got {image.dtype}; {_REMEDY}")
    return np.ascontiguousarray(image[..., ::-1])


def read_depth_image(path: Path, error: Error, unit_m: float | None = None) -> NDArray[np.float32]:
    """A depth image as (H, W) float32 [m]; what is not finite, or below zero, becomes 0, no reading.

    Args:
        path: one channel of integers or floats.
        error: what is raised.
        unit_m: length of one unit [m]; None = millimetres for integers, metres for floats.

    Raises:
        SparseDFFError: as `read_color_image`, or the image has several channels.
    """
    image = _read(path, error, cv2.IMREAD_UNCHANGED)
    if image.ndim == 3 and image.shape[2] > 1 and (image == image[..., :1]).all():  # a grey one saved as colours
        image = image[..., 0]
    if image.ndim != 2:
        raise error(f"{path}: a depth image has one channel, got {image.shape[2]}; save the depth, not a picture of it")
    if image.dtype == np.uint8:
        raise error(f"{path}: a depth image has 16 bits or floats, got 8 bits; save the depth, not a picture of it")
    scale = unit_m if unit_m is not None else 0.001 if image.dtype.kind in "iu" else 1.0
    depth = image.astype(np.float64) * scale
    return np.where(np.isfinite(depth) & (depth > 0), depth, 0).astype(np.float32)


def _read(path: Path, error: Error, how: int) -> NDArray[Any]:
    content = read_bytes(path, error, _REMEDY, most=MOST_BYTES)
    if path.suffix.lower() == ".exr":
        return _read_exr(path, error)
    with decoding(path, error, _REMEDY, "is not a readable image"):
        image = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), how)
        if image is None:
            raise ValueError("no image that OpenCV knows")
    return np.asarray(image)


def _read_exr(path: Path, error: Error) -> NDArray[Any]:
    """The only channel of a depth map, under whatever name; OpenCV's wheels have no OpenEXR."""
    try:
        import OpenEXR
    except ModuleNotFoundError:
        raise missing("OpenEXR") from None
    with decoding(path, error, _REMEDY, "is not a readable OpenEXR"), OpenEXR.File(str(path)) as file:
        channels = [channel.pixels for channel in file.channels().values()]
        if len(channels) != 1:
            raise ValueError(f"{len(channels)} channels, a depth map has one")
        return np.array(channels[0])
