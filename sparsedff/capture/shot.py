"""A capture is made of one frame per camera and of the cameras' poses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from sparsedff.capture.cameras.base import Camera, Frame
from sparsedff.capture.cameras.group import Cameras
from sparsedff.capture.model import Capture, Rig, View
from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.geometry import transform

# A camera without calibration gets this pose: it stands upright in the origin (x right, y forward, z up).
_UPRIGHT = transform(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]), np.zeros(3))


def take_capture(cameras: Cameras, rig: Rig | None, name: str) -> Capture:
    """A capture of now.

    A camera's lens is the rig's where that was calibrated at this image size, since the poses were found with it;
    else its own.

    Args:
        cameras: entered.
        rig: where they stand; None puts each in its own upright frame, for captures taken before calibration.
        name: of the capture.

    Raises:
        CameraError: a camera gives no frame; nothing is kept.
        CalibrationError: a camera is not in the rig.
        CaptureError: a frame without a single depth reading.
    """
    frames = cameras.read()
    return Capture(name, tuple(_view(camera, frame, rig) for camera, frame in zip(cameras.each, frames, strict=True)))


def _view(camera: Camera, frame: Frame, rig: Rig | None) -> View:
    if not frame.depth_m.any():
        raise CaptureError(
            f"camera {camera.serial}: saw no depth at all; uncover it, and keep it 0.5 m or more from what it looks at"
        )
    lens = camera.intrinsics, camera.distortion
    pose = _UPRIGHT
    if rig is not None:
        known = rig.camera(camera.serial)
        pose = rig.world_from_camera(camera.serial)
        lens = (known.intrinsics, known.distortion) if known.image_size == camera.image_size else lens
    return View(camera.serial, frame.color_rgb, frame.depth_m, *lens, pose)


def check_known(cameras: Sequence[Camera], rig: Rig) -> None:
    """Refuse cameras that the rig does not know, before anything is taken.

    Raises:
        CalibrationError: names the camera and those of the rig.
    """
    for camera in cameras:
        try:
            rig.camera(camera.serial)
        except CalibrationError as error:
            raise CalibrationError(f"{error}; or take an --uncalibrated capture") from None


def fresh_folder(parent: Path) -> Path:
    """A folder in `parent` that does not exist, named for the time; a second one within a second gets a number."""
    stem = f"{datetime.now():%Y%m%d-%H%M%S}"
    folder, number = parent / stem, 1
    while os.path.lexists(folder):
        number += 1
        folder = parent / f"{stem}-{number}"
    return folder
