"""Camera and Frame: what devices, recordings and simulations have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.geometry import Float

STANDALONE, MASTER, SUBORDINATE = "standalone", "master", "subordinate"


@dataclass(frozen=True)
class Frame:
    """What one camera saw at one moment.

    Attributes:
        color_rgb: (H, W, 3) uint8, RGB, as the lens gave it.
        depth_m: (H, W) float32 [m] along the optical axis, registered to colour, 0 = no reading.
        time_s: when it was taken, on the camera's own clock (`Camera.now`) [s].
    """

    color_rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    time_s: float


class Camera(ABC):
    """An opened camera. Its opener has opened it; `close` must be called whatever happens (see `Cameras`).

    Attributes:
        serial: names it and its folder in captures.
        image_size: (width, height) of colour [px].
        intrinsics: (3, 3) of colour, the factory's [px].
        distortion: (8,) of colour, OpenCV's rational model.
        sync: standalone, or the master or a subordinate of a wired synchronisation.
        period_s: from frame to frame [s]; 0 where a frame is made when it is asked for.
    """

    serial: str
    image_size: tuple[int, int]
    intrinsics: Float
    distortion: Float
    sync: str = STANDALONE
    period_s: float = 0.0

    @abstractmethod
    def start(self) -> None:
        """Begin to take images.

        Raises:
            CameraError: it does not.
        """

    def settle(self, timeout_s: float) -> None:  # noqa: B027  # most sources have nothing to wait for
        """Drop images until exposure has settled; each must come within `timeout_s`.

        Raises:
            CameraError: one does not.
        """

    @abstractmethod
    def now(self) -> float:
        """The camera's clock [s], to which `Frame.time_s` refers."""

    @abstractmethod
    def read(self, after_s: float, timeout_s: float) -> Frame:
        """The first frame at or after a time of the camera's clock [s]; older ones, which queue up, are dropped.

        Raises:
            CameraError: none came within `timeout_s`, or the camera is gone; names the serial.
        """

    @abstractmethod
    def close(self) -> None:
        """Give the device or file back; never raises, and may be called twice."""
