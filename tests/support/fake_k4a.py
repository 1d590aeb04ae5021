"""A stand-in for the pyk4a package: the same names and errors, devices that a test scripts, and a record of calls."""

from __future__ import annotations

import time
from enum import IntEnum

import cv2
import numpy as np

SIZE = (1280, 720)


class K4AException(Exception):
    pass


class K4ATimeoutException(K4AException):
    pass


FPS = IntEnum("FPS", {"FPS_5": 0, "FPS_15": 1, "FPS_30": 2})
ImageFormat = IntEnum("ImageFormat", {"COLOR_MJPG": 0, "COLOR_BGRA32": 3})
DepthMode = IntEnum("DepthMode", {"NFOV_2X2BINNED": 1, "NFOV_UNBINNED": 2, "WFOV_2X2BINNED": 3, "WFOV_UNBINNED": 4})
ColorResolution = IntEnum("ColorResolution", {"OFF": 0, "RES_720P": 1, "RES_1080P": 2, "RES_2160P": 5})
WiredSyncMode = IntEnum("WiredSyncMode", {"STANDALONE": 0, "MASTER": 1, "SUBORDINATE": 2})
CalibrationType = IntEnum("CalibrationType", {"DEPTH": 0, "COLOR": 1})


class Config:
    def __init__(self, **values: object) -> None:
        self.wired_sync_mode = WiredSyncMode.STANDALONE
        self.subordinate_delay_off_master_usec = 0
        self.__dict__.update(values)


class Calibration:
    def get_camera_matrix(self, camera: CalibrationType) -> np.ndarray:
        return np.array([[600.0, 0, 639.5], [0, 600.0, 359.5], [0, 0, 1]])

    def get_distortion_coefficients(self, camera: CalibrationType) -> np.ndarray:
        return np.zeros(8)

    def get_extrinsic_parameters(self, source: CalibrationType, target: CalibrationType) -> tuple:
        return np.eye(3), np.zeros((1, 3))


class Capture:
    """One frame: grey of this brightness everywhere, all of it at one depth."""

    def __init__(self, stamp_s: float, grey: int = 100, jpeg: bool = False, depth_mm: int = 900) -> None:
        bgra = np.full((SIZE[1], SIZE[0], 4), grey, dtype=np.uint8)
        bgra[..., :3] = (grey, grey // 2, 7)  # blue, green, red
        self.color = cv2.imencode(".jpg", bgra[..., :3])[1].ravel() if jpeg else bgra
        self.depth = np.full((576, 640), depth_mm, dtype=np.uint16)
        self.transformed_depth: np.ndarray | None = np.full((SIZE[1], SIZE[0]), depth_mm, dtype=np.uint16)
        self.color_system_timestamp_nsec = int(stamp_s * 1e9)
        self.color_timestamp_usec = int(stamp_s * 1e6)


class Device:
    """What is plugged in. `script(shot)` makes the frame of this number, or raises; `log` is shared by all devices."""

    def __init__(self, serial, script=None, jacks=(False, False), log=None) -> None:
        self.serial, self.sync_jack_status = serial, jacks
        self.script = script or (lambda shot: Capture(time.monotonic()))
        self.log = log if log is not None else []


class Library:
    """The module itself, as `import pyk4a` would give it; `open_now` are the serials that nobody has closed."""

    def __init__(self, *devices: Device) -> None:
        self.devices = devices
        self.open_now: set[str] = set()
        for name in ("K4AException", "K4ATimeoutException", "FPS", "ImageFormat", "DepthMode", "ColorResolution"):
            setattr(self, name, globals()[name])
        for name in ("WiredSyncMode", "CalibrationType", "Config"):
            setattr(self, name, globals()[name])

    def connected_device_count(self) -> int:
        return len(self.devices)

    def PyK4A(self, config: Config, device_id: int) -> FakePyK4A:
        return FakePyK4A(self, self.devices[device_id], config)


class FakePyK4A:
    def __init__(self, library: Library, device: Device, config: Config) -> None:
        self._library, self._device, self.config = library, device, config
        self.opened = self.is_running = False
        self.sync_jack_status = device.sync_jack_status
        self.calibration = Calibration()
        self.whitebalance: int | None = None
        self._shot = 0

    @property
    def serial(self) -> str:
        return self._device.serial

    def open(self) -> None:
        if self._device.serial == "broken":
            raise K4AException
        self.opened = True
        self._library.open_now.add(self.serial)

    def start(self) -> None:
        mode, delay = self.config.wired_sync_mode, self.config.subordinate_delay_off_master_usec
        self._device.log.append(("start", self.serial, WiredSyncMode(mode).name, delay))
        self.is_running = True

    def get_capture(self, timeout: int) -> Capture:
        self._device.log.append(("read", self.serial))
        self._shot += 1
        return self._device.script(self._shot - 1)

    def stop(self) -> None:
        if self._device.script is gone:
            raise K4AException
        self.close()
        self.is_running = False

    def close(self) -> None:
        self.opened = False
        self._library.open_now.discard(self.serial)


def gone(shot: int) -> Capture:
    """The script of a device that was unplugged."""
    raise K4AException
