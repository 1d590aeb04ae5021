"""The source `kinect`: live Azure Kinects, and cameras that answer to the same library.

Orbbec's Femto Bolt does so through its K4A wrapper.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sparsedff.capture.cameras.base import MASTER, STANDALONE, SUBORDINATE, Camera, Frame
from sparsedff.capture.cameras.kinect_library import DepthOnColor, brightness, decode_color, geometry_of, library
from sparsedff.capture.cameras.request import CameraRequest
from sparsedff.capture.cameras.settings import COLOR_HEIGHTS, CameraSettings
from sparsedff.errors import CameraError

if TYPE_CHECKING:
    from collections.abc import Iterator

_APART_US = 160  # the depth lasers of two cameras must not shine at once; a pulse train takes less than this
_STEADY_FRAMES = 3


class KinectCamera(Camera):
    """One device, opened but not started.

    Args:
        k4a: the library.
        index: of the device, 0 is the first.
        settings: how to run it.

    Raises:
        CameraError: it cannot be opened or is too old; names its index or serial.
    """

    def __init__(self, k4a: ModuleType, index: int, settings: CameraSettings) -> None:
        self.serial = f"number {index}"
        self._k4a, self._settings = k4a, settings
        self._config = k4a.Config(
            color_resolution=k4a.ColorResolution[f"RES_{settings.color_resolution.upper()}"],
            color_format=k4a.ImageFormat["COLOR_MJPG" if settings.color_format == "mjpg" else "COLOR_BGRA32"],
            depth_mode=k4a.DepthMode[settings.depth_mode],
            camera_fps=k4a.FPS[f"FPS_{settings.fps}"],
            synchronized_images_only=True,
        )
        self._device = k4a.PyK4A(config=self._config, device_id=index)
        self.image_size = COLOR_HEIGHTS[settings.color_resolution]
        self.period_s = 1 / settings.fps
        with ExitStack() as opened:
            opened.callback(self.close)
            with self._told("cannot be opened; is another program using it, and is the udev rule there?"):
                self._device.open()
                self.serial = str(self._device.serial)
                self.jacks: tuple[bool, bool] = self._device.sync_jack_status
                geometry = geometry_of(k4a, self._device.calibration, self.image_size)
            opened.pop_all()
        self.intrinsics, self.distortion = geometry.color_intrinsics, geometry.color_distortion
        self._register = DepthOnColor(k4a, settings, geometry)

    def synchronise(self, role: str, delay_us: int = 0) -> None:
        """Take a role in a wired synchronisation; before `start`."""
        self.sync = role
        self._config.wired_sync_mode = self._k4a.WiredSyncMode[role.upper()]
        self._config.subordinate_delay_off_master_usec = delay_us

    def start(self) -> None:
        """See `Camera.start`."""
        with self._told("cannot be started; plug it into a USB 3 port of its own controller and check its power"):
            self._device.start()
            if self._settings.white_balance_k is not None:
                self._device.whitebalance = self._settings.white_balance_k
            if self._settings.exposure_us is not None:
                self._device.exposure = self._settings.exposure_us

    def settle(self, timeout_s: float) -> None:
        """Drop frames until the brightness of the last few agrees, and at least and at most as many as configured."""
        fewest, most = self._settings.warmup_frames
        last: deque[float] = deque(maxlen=_STEADY_FRAMES)
        for count in range(1, most + 1):
            last.append(brightness(self._next(time.monotonic() + timeout_s).color))
            steady = len(last) == _STEADY_FRAMES and max(last) - min(last) <= self._settings.warmup_change * max(last)
            if count >= fewest and steady:
                return

    def now(self) -> float:
        """The system clock that the library stamps images with when they arrive."""
        return time.monotonic()

    def read(self, after_s: float, timeout_s: float) -> Frame:
        """See `Camera.read`. Frames that the transfer has damaged are dropped as well."""
        deadline = time.monotonic() + timeout_s
        while True:
            capture = self._next(deadline)
            stamp = capture.color_system_timestamp_nsec / 1e9
            if stamp >= after_s:
                with self._told("gave an image that cannot be used"):
                    color = decode_color(capture.color)
                    if color is not None:
                        return Frame(color, self._register(capture), stamp)

    def close(self) -> None:
        """See `Camera.close`. A device that is gone refuses to stop; it is closed all the same."""
        with suppress(self._k4a.K4AException):
            if self._device.is_running:
                self._device.stop()
        self._device.is_running = False  # else it would be stopped again, in vain, when it is forgotten
        with suppress(self._k4a.K4AException):
            if self._device.opened:
                self._device.close()

    def _next(self, deadline: float) -> Any:
        """The library's next capture that has colour and depth."""
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                capture = self._device.get_capture(timeout=max(1, int(1000 * left_s)))
            except self._k4a.K4ATimeoutException:
                break
            except self._k4a.K4AException:
                raise CameraError(
                    f"camera {self.serial}: has stopped answering; check its cable and power, plug it in again"
                ) from None
            if capture.color is not None and capture.depth is not None:
                return capture
        waits = " (it waits for the master's pulse: check the sync cables)" if self.sync == SUBORDINATE else ""
        raise CameraError(
            f"camera {self.serial}: no frame came in time{waits}; give each camera a USB controller of its own, or "
            "raise camera.timeout_s"
        )

    @contextmanager
    def _told(self, trouble: str) -> Iterator[None]:
        """The library's errors, which say nothing, as one line about this camera."""
        try:
            yield
        except self._k4a.K4AException:
            raise CameraError(f"camera {self.serial}: {trouble}") from None
        except CameraError as error:
            raise CameraError(f"camera {self.serial}: {error}") from None


def open_kinects(request: CameraRequest) -> list[Camera]:
    """Open every device there is, with their roles in a wired synchronisation if cables are plugged in.

    Raises:
        CameraError: no library, no device, a device that does not open, or cables that make no sense.
    """
    k4a = library()
    count = int(k4a.connected_device_count())
    if count == 0:
        raise CameraError(
            "kinect: no camera found; check USB, power and the udev rule (Data_Collection.md), "
            "or use --source simulated or --source FILE.mkv"
        )
    with ExitStack() as opened:
        cameras: list[KinectCamera] = []
        for index in range(count):
            cameras.append(KinectCamera(k4a, index, request.settings))
            opened.callback(cameras[-1].close)
        if request.settings.wired_sync == "auto":
            _assign_roles(cameras)
        opened.pop_all()
    return list(cameras)


def _assign_roles(cameras: Sequence[KinectCamera]) -> None:
    """A camera with a cable in its input jack follows; one with a cable in its output jack alone leads."""
    roles = {
        camera.serial: SUBORDINATE if camera.jacks[0] else MASTER if camera.jacks[1] else STANDALONE
        for camera in cameras
    }
    followers = [camera for camera in cameras if roles[camera.serial] == SUBORDINATE]
    masters = [camera for camera in cameras if roles[camera.serial] == MASTER]
    if not followers:  # a lone cable end: nobody listens
        return
    if len(masters) != 1:
        led = ", ".join(camera.serial for camera in masters) or "none"
        raise CameraError(
            f"camera {followers[0].serial}: has a cable in its sync-in jack, so exactly one camera must have one in "
            f"sync-out alone; these have: {led}. Mend the cables or use camera.wired_sync=off"
        )
    masters[0].synchronise(MASTER)
    for number, camera in enumerate(followers, start=1):
        camera.synchronise(SUBORDINATE, number * _APART_US)
