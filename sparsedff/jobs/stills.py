"""Stills for calibration: DIR/SERIAL/NNNN.png with each camera's lens beside them (see calibration/stills.py)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from sparsedff.calibration.stills import SUFFIXES
from sparsedff.capture.cameras.base import Camera, Frame
from sparsedff.capture.files.camera_folder import read_distortion, read_intrinsics
from sparsedff.common.atomic import write_file
from sparsedff.errors import CaptureError
from sparsedff.geometry import Float

_QUICK_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1]  # more takes seconds at 2160p


def next_name(folder: Path, cameras: Sequence[Camera]) -> str:
    """The number after the highest that any camera has, 0000 at first: stills of one number are of one moment."""
    taken = [
        int(path.stem)
        for camera in cameras
        for path in (folder / camera.serial).glob("*")
        if path.suffix.lower() in SUFFIXES and path.stem.isdecimal()
    ]
    return f"{max(taken, default=-1) + 1:04d}"


def write_lenses(folder: Path, cameras: Sequence[Camera]) -> None:
    """Write SERIAL/intrinsic.npy and distortion.npy, which `calibrate cameras` takes as the factory's.

    Raises:
        CaptureError: other lenses are there, as when the image size has changed: stills of two kinds do not mix.
    """
    for camera in cameras:
        place = folder / camera.serial
        if (place / "intrinsic.npy").exists():
            same = np.allclose(read_intrinsics(place / "intrinsic.npy"), camera.intrinsics, atol=1e-3)
            known = read_distortion(place / "distortion.npy")
            if not (same and np.allclose(known, camera.distortion[: known.size], atol=1e-6)):
                raise CaptureError(
                    f"{place}: holds stills of another lens or image size; choose another --save_dir, or set "
                    "camera.color_resolution as it was"
                )
    for camera in cameras:
        (folder / camera.serial).mkdir(parents=True, exist_ok=True)
        write_file(folder / camera.serial / "intrinsic.npy", _npy(camera.intrinsics))
        write_file(folder / camera.serial / "distortion.npy", _npy(camera.distortion))


def write_still(folder: Path, name: str, cameras: Sequence[Camera], frames: Sequence[Frame]) -> None:
    """Write SERIAL/NAME.png of every camera, or of none.

    Raises:
        OSError: the disk is full, the folder may not be written to.
    """
    images = []
    for frame in frames:
        encoded, png = cv2.imencode(".png", np.ascontiguousarray(frame.color_rgb[..., ::-1]), _QUICK_PNG)
        assert encoded  # uint8 images always do
        images.append(png.tobytes())
    written: list[Path] = []
    try:
        for camera, image in zip(cameras, images, strict=True):
            written.append(folder / camera.serial / f"{name}.png")
            write_file(written[-1], image)
    except BaseException:
        for path in written:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def _npy(array: Float) -> bytes:
    content = io.BytesIO()
    np.save(content, np.asarray(array, dtype=np.float64))
    return content.getvalue()
