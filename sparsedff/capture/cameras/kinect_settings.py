"""How an Azure Kinect, or a camera that answers to its library, is to be run."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.errors import CameraError

COLOR_HEIGHTS = {
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "1536p": (2048, 1536),
    "2160p": (3840, 2160),
    "3072p": (4096, 3072),
}
"""(width, height) [px] of the device's colour images by name."""
DEPTH_MODES = ("NFOV_2X2BINNED", "NFOV_UNBINNED", "WFOV_2X2BINNED", "WFOV_UNBINNED")
FPS = (5, 15, 30)
_NOT_AT_30 = ("3072p", "WFOV_UNBINNED")


@dataclass(frozen=True)
class KinectSettings:
    """Settings of all devices.

    Attributes:
        color_resolution: a key of COLOR_HEIGHTS.
        color_format: mjpg (compressed, decoded here) or bgra (decoded by the library).
        depth_mode: one of DEPTH_MODES.
        fps: frames per second.
        white_balance_k: colour temperature [K]; None leaves it to the camera.
        exposure_us: exposure time [us]; None leaves it to the camera.
        wired_sync: whether cables between the sync jacks are used.
        registration: depth to colour by the library (sdk), by us (own), or by us where the library cannot (auto).
        warmup_frames: fewest and most frames that are dropped at first,
        warmup_change: until brightness changes by less than this share from frame to frame.

    Raises:
        CameraError: a combination that the device does not have.
    """

    color_resolution: str = "2160p"
    color_format: str = "mjpg"
    depth_mode: str = "NFOV_UNBINNED"
    fps: int = 5
    white_balance_k: int | None = 4500
    exposure_us: int | None = None
    wired_sync: bool = True
    registration: str = "auto"
    warmup_frames: tuple[int, int] = (5, 40)
    warmup_change: float = 0.01

    def __post_init__(self) -> None:
        for name, known in (
            ("color_resolution", COLOR_HEIGHTS),
            ("color_format", ("mjpg", "bgra")),
            ("depth_mode", DEPTH_MODES),
            ("fps", FPS),
            ("registration", ("auto", "sdk", "own")),
        ):
            value = getattr(self, name)
            if value not in known:
                raise CameraError(f"camera.{name}: {value!r} is not one of {', '.join(map(str, known))}")
        for mode in (self.color_resolution, self.depth_mode):
            if self.fps == 30 and mode in _NOT_AT_30:
                raise CameraError(f"camera.fps: the camera has {mode} at 5 and 15 frames per second only, got 30")
        if not 0 <= self.warmup_frames[0] <= self.warmup_frames[1]:
            raise CameraError(f"camera.warmup_frames: {self.warmup_frames} must be fewest and most, rising")
