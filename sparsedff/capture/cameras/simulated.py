"""A simulated camera: a function that makes views takes the place of the device."""

from __future__ import annotations

import time
from collections.abc import Callable

from sparsedff.capture.cameras.base import Camera, Frame
from sparsedff.capture.model import RigCamera, View


class SimulatedCamera(Camera):
    """A camera whose images are made when they are asked for.

    Args:
        camera: its name, size and lens.
        take: the view of the shot of this number (0, 1, ...); SimulatedRig makes such views, or they are a capture's.
    """

    def __init__(self, camera: RigCamera, take: Callable[[int], View]) -> None:
        self.serial, self.image_size = camera.serial, camera.image_size
        self.intrinsics, self.distortion = camera.intrinsics, camera.distortion
        self._take, self._shots = take, 0

    def start(self) -> None:
        """A simulated camera needs no start."""

    def now(self) -> float:
        """The system's clock."""
        return time.monotonic()

    def read(self, after_s: float, timeout_s: float) -> Frame:
        """See `Camera.read`; the frame is made during the call, however long that takes."""
        stamp = max(after_s, time.monotonic())
        view = self._take(self._shots)
        self._shots += 1
        return Frame(view.color_rgb, view.depth_m, stamp)

    def close(self) -> None:
        """A simulated camera holds nothing that could be given back."""
