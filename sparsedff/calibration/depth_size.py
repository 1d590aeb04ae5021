"""The board's size by the cameras' own metric depth: what a ruler on the print would say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from sparsedff.calibration.detect import detect
from sparsedff.calibration.settings import CalibrationSettings
from sparsedff.calibration.view_pose import view_pose
from sparsedff.capture.files.camera_folder import read_color, read_depth
from sparsedff.capture.model import RigCamera
from sparsedff.errors import CalibrationError
from sparsedff.geometry import apply

_BESIDE_PX = 2  # readings of so many pixels around a corner give its depth: their median
_FEWEST = 10  # corners with a reading that say something


def depth_over_board(camera: RigCamera, folder: Path, settings: CalibrationSettings) -> float | None:
    """How much larger the board is by this camera's depth than it is believed to be, as a factor.

    A pose of the board puts its corners at depths in proportion to its size. Their readings have the true proportion.

    Args:
        camera: lens, of the capture's image size.
        folder: CAPTURE/SERIAL with colors.npy and depth.npy, registered to colour.
        settings: the board.

    Returns:
        None where the camera sees too little of the board, or has too few readings on it.

    Raises:
        CaptureError, CalibrationError: a file is missing or damaged, or is of another size than the lens.
    """
    color, depth = read_color(folder / "colors.npy"), read_depth(folder / "depth.npy")
    if depth.shape[::-1] != camera.image_size or color.shape[:2] != depth.shape:
        raise CalibrationError(
            f"{folder}: is {depth.shape[1]} x {depth.shape[0]} but {camera.name} was calibrated at "
            f"{camera.image_size[0]} x {camera.image_size[1]}; capture at that size"
        )
    seen = detect(settings.board, np.asarray(cv2.cvtColor(color, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    corners = settings.board.corners[seen.ids]
    pose = view_pose(
        corners, seen.pixels, camera.intrinsics, camera.distortion, settings.tolerance_px, settings.min_corners
    )
    if pose is None:
        return None
    believed = apply(pose.camera_from_board, corners[pose.inliers])[:, 2]
    ratios = []
    for (u, v), z in zip(np.rint(seen.pixels[pose.inliers]).astype(int), believed, strict=True):
        around = depth[max(v - _BESIDE_PX, 0) : v + _BESIDE_PX + 1, max(u - _BESIDE_PX, 0) : u + _BESIDE_PX + 1]
        if (around > 0).any():
            ratios.append(float(np.median(around[around > 0])) / z)
    return float(np.median(ratios)) if len(ratios) >= _FEWEST else None


def board_by_depth(
    cameras: Sequence[RigCamera], capture: Path, settings: CalibrationSettings
) -> tuple[float, int] | None:
    """The median factor over a capture's cameras, and how many say so; None where none does.

    Raises:
        CalibrationError: the capture holds no folder of any of the cameras; or as `depth_over_board`.
    """
    there = [camera for camera in cameras if (capture / camera.serial).is_dir()]
    if not there:
        raise CalibrationError(
            f"{capture}: holds no folder of a camera that was calibrated; give a capture of this rig that shows the "
            "board"
        )
    known = [depth_over_board(camera, capture / camera.serial, settings) for camera in there]
    factors = [factor for factor in known if factor is not None]
    return (float(np.median(factors)), len(factors)) if factors else None
