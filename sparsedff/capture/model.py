"""View, Capture and Rig: what cameras saw and where they stand, as frozen values that check themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.geometry import check_intrinsics, check_rigid, inverse


def _frozen(array: NDArray) -> NDArray:
    """A read-only view, so that a frozen dataclass is frozen all the way down."""
    view = array.view()
    view.flags.writeable = False
    return view


def _distortion(values: NDArray, what: str) -> NDArray[np.float64]:
    """OpenCV rational coefficients k1 k2 p1 p2 k3 k4 k5 k6 as (8,), shorter ones filled with zeros."""
    flat = np.asarray(values, dtype=np.float64).reshape(-1)
    if flat.size not in (0, 4, 5, 8) or not np.isfinite(flat).all():
        raise CalibrationError(f"{what}: distortion is 4, 5 or 8 finite numbers (k1 k2 p1 p2 k3 k4 k5 k6), got {flat}")
    return np.concatenate([flat, np.zeros(8 - flat.size)])


@dataclass(frozen=True, eq=False)
class View:
    """One registered RGB-D image as the camera gave it (still distorted).

    Attributes:
        serial: the camera's name, the folder's name on disk.
        color_rgb: (H, W, 3) uint8, RGB order.
        depth_m: (H, W) float32 [m] along the optical axis, registered to colour, 0 = no reading.
        intrinsics: (3, 3) float64 pinhole matrix [px].
        distortion: (8,) float64, OpenCV rational model k1 k2 p1 p2 k3 k4 k5 k6.
        world_from_camera: (4, 4) float64; world is the table frame, z up.

    Raises:
        CaptureError, CalibrationError: a field that contradicts the above, named with the serial.
    """

    serial: str
    color_rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    intrinsics: NDArray[np.float64]
    distortion: NDArray[np.float64]
    world_from_camera: NDArray[np.float64]

    def __post_init__(self) -> None:
        what = f"view {self.serial}"
        color, depth = np.asarray(self.color_rgb), np.asarray(self.depth_m)
        if color.ndim != 3 or color.shape[2] != 3 or color.dtype != np.uint8:
            raise CaptureError(f"{what}: colour must be (H, W, 3) uint8, got {color.shape} {color.dtype}")
        if depth.shape != color.shape[:2]:
            raise CaptureError(
                f"{what}: depth {depth.shape} and colour {color.shape[:2]} differ in size; register depth"
            )
        if not np.issubdtype(depth.dtype, np.floating) or not np.isfinite(depth).all() or (depth < 0).any():
            raise CaptureError(f"{what}: depth must be finite metres >= 0 as floats, 0 where there is no reading")
        object.__setattr__(self, "color_rgb", _frozen(color))
        object.__setattr__(self, "depth_m", _frozen(depth.astype(np.float32)))
        object.__setattr__(self, "intrinsics", _frozen(check_intrinsics(self.intrinsics, what)))
        object.__setattr__(self, "distortion", _frozen(_distortion(self.distortion, what)))
        pose = check_rigid(self.world_from_camera, f"{what}: world_from_camera")
        object.__setattr__(self, "world_from_camera", _frozen(pose))

    @property
    def image_size(self) -> tuple[int, int]:
        """(width, height) [px]."""
        return self.color_rgb.shape[1], self.color_rgb.shape[0]


@dataclass(frozen=True)
class Capture:
    """What all cameras saw of one scene at one moment. At least one view; serials are unique."""

    name: str
    views: tuple[View, ...]
    path: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "views", tuple(self.views))
        if not self.views:
            raise CaptureError(f"capture {self.name}: holds no view; a capture has one folder per camera")
        serials = [view.serial for view in self.views]
        if len(set(serials)) != len(serials):
            raise CaptureError(f"capture {self.name}: camera serials repeat: {serials}")


@dataclass(frozen=True, eq=False)
class RigCamera:
    """One calibrated camera of a rig.

    Attributes:
        name: its key in calibration.json, `cam0`, `cam1`, ...
        serial: the camera's serial number, its folder's name in captures.
        image_size: (width, height) [px] at which it was calibrated.
        intrinsics: (3, 3) [px].
        distortion: (8,) OpenCV rational model.
        camera_from_cam0: (4, 4); the identity for cam0.
    """

    name: str
    serial: str
    image_size: tuple[int, int]
    intrinsics: NDArray[np.float64]
    distortion: NDArray[np.float64]
    camera_from_cam0: NDArray[np.float64]

    def __post_init__(self) -> None:
        what = f"rig camera {self.name}"
        object.__setattr__(self, "intrinsics", _frozen(check_intrinsics(self.intrinsics, what)))
        object.__setattr__(self, "distortion", _frozen(_distortion(self.distortion, what)))
        pose = check_rigid(self.camera_from_cam0, f"{what}: camera_from_cam0")
        object.__setattr__(self, "camera_from_cam0", _frozen(pose))


@dataclass(frozen=True, eq=False)
class Rig:
    """All cameras around one table, and the table in cam0's frame (transform.yaml)."""

    cameras: tuple[RigCamera, ...]
    cam0_from_world: NDArray[np.float64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "cameras", tuple(self.cameras))
        if not self.cameras:
            raise CalibrationError("a rig has at least one camera; calibration.json names none")
        for field in ("name", "serial"):
            values = [getattr(camera, field) for camera in self.cameras]
            if len(set(values)) != len(values):
                raise CalibrationError(f"rig: camera {field}s repeat: {values}")
        pose = check_rigid(self.cam0_from_world, "rig: cam0_from_world")
        object.__setattr__(self, "cam0_from_world", _frozen(pose))

    def camera(self, serial: str) -> RigCamera:
        """The camera with this serial.

        Raises:
            CalibrationError: the rig has no such camera; names those it has.
        """
        for camera in self.cameras:
            if camera.serial == serial:
                return camera
        known = ", ".join(camera.serial for camera in self.cameras)
        raise CalibrationError(
            f"camera {serial} is not in the rig, which has {known}; add it to rig.yaml and calibrate"
        )

    def world_from_camera(self, serial: str) -> NDArray[np.float64]:
        """(4, 4): the pose of a camera in the table frame."""
        return inverse(self.camera(serial).camera_from_cam0 @ self.cam0_from_world)
