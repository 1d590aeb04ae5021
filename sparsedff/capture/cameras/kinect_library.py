"""The Azure Kinect library: this file imports it, silences its log and converts its values to ours."""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.cameras.registration import DepthGeometry, Registration
from sparsedff.capture.cameras.settings import COLOR_HEIGHTS, CameraSettings
from sparsedff.errors import CameraError
from sparsedff.geometry import transform

_INSTALL = "`make kinect` installs what a camera machine needs (Data_Collection.md), or use --source simulated"
_MM_PER_M = np.float32(1000)


def library() -> ModuleType:
    """The pyk4a package.

    Raises:
        CameraError: it is not installed, or does not load here.
    """
    # The C library reports its own troubles in many lines; ours are one. A user who sets this variable gets them all.
    os.environ.setdefault("K4A_ENABLE_LOG_TO_STDOUT", "0")
    try:
        return importlib.import_module("pyk4a")
    except ModuleNotFoundError:
        raise CameraError(f"kinect: the Python package pyk4a is not installed here; {_INSTALL}") from None
    except Exception as error:  # its compiled part fails in many ways: no libk4a, another NumPy, another platform
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CameraError(f"kinect: pyk4a is installed but does not load ({reason:.160}); {_INSTALL}") from None


def resolution_name(k4a: ModuleType, resolution: Any) -> str:
    """`2160p` of the library's RES_2160P.

    Raises:
        CameraError: colour is off.
    """
    name = k4a.ColorResolution(resolution).name.removeprefix("RES_").lower()
    if name not in COLOR_HEIGHTS:
        raise CameraError("it holds no colour images; record with colour and depth")
    return name


def geometry_of(k4a: ModuleType, calibration: Any, color_size: tuple[int, int]) -> DepthGeometry:
    """Lenses of both cameras and how they stand to each other, as the factory measured them."""
    depth, color = k4a.CalibrationType.DEPTH, k4a.CalibrationType.COLOR
    rotation, translation_m = calibration.get_extrinsic_parameters(depth, color)
    return DepthGeometry(
        np.asarray(calibration.get_camera_matrix(depth), dtype=np.float64),
        np.asarray(calibration.get_distortion_coefficients(depth), dtype=np.float64),
        np.asarray(calibration.get_camera_matrix(color), dtype=np.float64),
        np.asarray(calibration.get_distortion_coefficients(color), dtype=np.float64),
        transform(rotation, np.reshape(translation_m, 3)),
        color_size,
    )


def decode_color(image: NDArray) -> NDArray[np.uint8] | None:
    """RGB (H, W, 3) of a colour image: (H, W, 4) BGRA as it is, or bytes (N,) of a JPEG; None if these are damaged.

    Raises:
        CameraError: it is neither.
    """
    if image.ndim == 3 and image.shape[2] == 4:
        return np.ascontiguousarray(image[..., 2::-1])
    if image.ndim != 1:
        raise CameraError(f"its colour images ({image.shape}) are neither MJPG nor BGRA; record in one of these")
    try:
        bgr = cv2.imdecode(image, cv2.IMREAD_COLOR)
    except cv2.error:  # no bytes at all
        return None
    return None if bgr is None else np.ascontiguousarray(bgr[..., ::-1])


def brightness(image: NDArray) -> float:
    """Mean grey value of a colour image, 0 to 255; NaN where it is damaged. JPEGs are decoded at an eighth only."""
    if image.ndim != 1:
        return float(image[::8, ::8, :3].mean())
    try:
        small = cv2.imdecode(image, cv2.IMREAD_REDUCED_GRAYSCALE_8)
    except cv2.error:
        small = None
    return float("nan") if small is None else float(small.mean())


class DepthOnColor:
    """Depth of one device registered to its colour, by the library or by us.

    Args:
        k4a: the library.
        settings: `registration` says by which.
        geometry: of the device.
    """

    def __init__(self, k4a: ModuleType, settings: CameraSettings, geometry: DepthGeometry) -> None:
        self._k4a, self._how = k4a, settings.registration
        self._own = Registration(geometry)

    def __call__(self, capture: Any) -> NDArray[np.float32]:
        """(H, W) [m] of one capture of the library.

        Raises:
            CameraError: `sdk` is asked for and cannot: it needs OpenGL.
        """
        if self._how != "own":
            try:
                depth_mm = capture.transformed_depth
            except self._k4a.K4AException:
                depth_mm = None
            if depth_mm is not None:
                return np.asarray(depth_mm, dtype=np.float32) / _MM_PER_M
            if self._how == "sdk":
                raise CameraError(
                    "the camera's library cannot register depth here: it needs OpenGL and a display (or xvfb-run); "
                    "use camera.registration=own"
                )
            self._how = "own"  # the next frame would fail too, and each try takes most of a second
        return self._own(np.asarray(capture.depth, dtype=np.float32) / _MM_PER_M)
