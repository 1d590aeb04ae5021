"""The source `recordings`: files of Azure Kinects (.mkv, written by k4arecorder) take the place of cameras."""

from __future__ import annotations

import mmap
from contextlib import ExitStack, suppress
from pathlib import Path
from types import ModuleType

import numpy as np

from sparsedff.capture.cameras.base import Camera, Frame
from sparsedff.capture.cameras.kinect_library import DepthOnColor, decode_color, geometry_of, library, resolution_name
from sparsedff.capture.cameras.registry import source_files
from sparsedff.capture.cameras.request import CameraRequest
from sparsedff.capture.cameras.settings import COLOR_HEIGHTS, CameraSettings
from sparsedff.errors import CameraError

_SERIAL_TAG = b"K4A_DEVICE_SERIAL_NUMBER"
_TAG_STRING = b"\x44\x87"  # Matroska's element of a tag's text, followed by its length with the top bit set


class RecordedCamera(Camera):
    """One recording, opened at its beginning. Frames come in their order, each once; its clock is the recording's.

    Args:
        k4a: the library.
        path: the .mkv file.
        settings: `registration` is used; size, modes and lens are the recording's own.

    Raises:
        CameraError: no such file, no recording, or no colour in it; names the file.
    """

    def __init__(self, k4a: ModuleType, path: Path, settings: CameraSettings) -> None:
        if not path.is_file():
            raise CameraError(f"{path}: no such recording; check the path given to --source")
        self._k4a, self._path = k4a, path
        self._playback = k4a.PyK4APlayback(path)
        self.serial = serial_of(path) or path.stem
        with ExitStack() as opened:
            opened.callback(self.close)
            try:
                self._playback.open()
                configuration = self._playback.configuration
                self.image_size = COLOR_HEIGHTS[resolution_name(k4a, configuration["color_resolution"])]
                geometry = geometry_of(k4a, self._playback.calibration, self.image_size)
            except (k4a.K4AException, ValueError):
                raise CameraError(f"{path}: cannot be read as a recording of an Azure Kinect; copy it again") from None
            except CameraError as error:
                raise CameraError(f"{path}: {error}") from None
            opened.pop_all()
        self.intrinsics, self.distortion = geometry.color_intrinsics, geometry.color_distortion
        self._register = DepthOnColor(k4a, settings, geometry)
        self._last_s = 0.0
        self._given = 0

    def start(self) -> None:
        """A recording needs no start."""

    def now(self) -> float:
        """The time after the last frame given [s]."""
        return self._last_s

    def read(self, after_s: float, timeout_s: float) -> Frame:
        """See `Camera.read`; a recording never waits.

        Raises:
            CameraError: the recording is at its end, or a frame in it is damaged.
        """
        while True:
            try:
                capture = self._playback.get_next_capture()
            except EOFError:
                raise CameraError(
                    f"{self._path}: the recording is at its end after {self._given} frames with colour and depth"
                ) from None
            except self._k4a.K4AException:
                raise CameraError(f"{self._path}: is damaged after {self._given} frames; copy it again") from None
            if capture.color is None or capture.depth is None:
                continue
            stamp = capture.color_timestamp_usec / 1e6
            if stamp < after_s:
                continue
            try:
                color, depth = decode_color(capture.color), self._register(capture)
            except CameraError as error:
                raise CameraError(f"{self._path}: {error}") from None
            if color is None:
                raise CameraError(f"{self._path}: the colour image at {stamp:.3f} s is damaged; copy the file again")
            self._given += 1
            self._last_s = float(np.nextafter(stamp, np.inf))
            return Frame(color, depth, stamp)

    def close(self) -> None:
        """See `Camera.close`."""
        with suppress(self._k4a.K4AException):
            self._playback.close()


def serial_of(path: Path) -> str | None:
    """The device's serial number from the recording's tags, which the Python library does not read."""
    with (
        suppress(ValueError),  # an empty file cannot be mapped
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        name = content.find(_SERIAL_TAG)
        text = content.find(_TAG_STRING, name, name + 64) if name >= 0 else -1
        if text >= 0:
            length = content[text + 2] & 0x7F
            serial = content[text + 3 : text + 3 + length].rstrip(b"\0").decode("ascii", "replace")
            return serial if serial.isalnum() else None
    return None


def open_recordings(request: CameraRequest) -> list[Camera]:
    """Open the recordings that `camera.source` lists, one per camera.

    Raises:
        CameraError: no library, or one that cannot be opened.
    """
    k4a = library()
    with ExitStack() as opened:
        cameras = []
        for path in source_files(request.settings.source):
            cameras.append(RecordedCamera(k4a, path, request.settings))
            opened.callback(cameras[-1].close)
        opened.pop_all()
    return list(cameras)
