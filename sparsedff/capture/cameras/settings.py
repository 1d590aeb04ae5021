"""The section `camera` of the configuration: what captures are taken with, and how the cameras are run."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.capture.cameras.registry import SOURCES
from sparsedff.common.schema import key
from sparsedff.common.schema_values import check
from sparsedff.errors import ConfigError

COLOR_HEIGHTS = {
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "1536p": (2048, 1536),
    "2160p": (3840, 2160),
    "3072p": (4096, 3072),
}
"""(width, height) [px] of the Azure Kinect's colour images by name."""
DEPTH_MODES = ("NFOV_2X2BINNED", "NFOV_UNBINNED", "WFOV_2X2BINNED", "WFOV_UNBINNED")
FPS = (5, 15, 30)
_NOT_AT_30 = ("3072p", "WFOV_UNBINNED")


@dataclass(frozen=True)
class CameraSettings:
    """Settings of all cameras of a source; each source uses those that concern it.

    Raises:
        ConfigError: a value out of its range, or a combination that the device does not have.
    """

    source: str = key("kinect", SOURCES.meanings)
    capture_path: str = key("data/captures", "folder that gets a new folder per capture")
    color_resolution: str = key("2160p", "size of colour images", choices=tuple(COLOR_HEIGHTS))
    color_format: str = key(
        "mjpg", "how colour is decoded: mjpg = here, bgra = by the library", choices=("mjpg", "bgra")
    )
    depth_mode: str = key("NFOV_UNBINNED", "the depth camera's mode", choices=DEPTH_MODES)
    fps: int = key(5, f"frames per second: {', '.join(map(str, FPS))}", at_least=5, at_most=30)
    white_balance_k: int | None = key(
        4500, "colour temperature, the same for all cameras [K]; null = automatic", at_least=2500, at_most=12500
    )
    exposure_us: int | None = key(None, "exposure time [us]; null = automatic", at_least=500, at_most=133_330)
    wired_sync: str = key("auto", "auto = use sync cables where they are plugged in", choices=("auto", "off"))
    registration: str = key(
        "auto",
        "depth to colour: sdk = by the camera's library, own = by our projection, auto = sdk where it can",
        choices=("auto", "sdk", "own"),
    )
    warmup_frames: tuple[int, int] = key(
        (5, 40), "[fewest, most] frames dropped at first, while exposure settles", at_least=0, at_most=1000
    )
    warmup_change: float = key(
        0.01, "exposure has settled when brightness changes by less, as a share", above=0, at_most=1
    )
    timeout_s: float = key(5.0, "longest that a camera may take for a frame [s]", above=0, at_most=600)
    simulated_scene: str = key(
        "monkey_test", "what the simulated rig looks at", choices=("monkey_original", "monkey_test")
    )
    simulated_width_px: int = key(960, "width of simulated images [px]", at_least=160, at_most=3840)

    def __post_init__(self) -> None:
        """Refuse values out of range, however they were given, and what the device does not have."""
        check(self, "camera")
        if self.warmup_frames[0] > self.warmup_frames[1]:
            raise ConfigError(f"camera.warmup_frames: {list(self.warmup_frames)} is not allowed; fewest is above most")
        if self.fps not in FPS:
            raise ConfigError(f"camera.fps: {self.fps} is not one of {', '.join(map(str, FPS))}")
        for mode in (self.color_resolution, self.depth_mode):
            if self.fps == 30 and mode in _NOT_AT_30:
                raise ConfigError(f"camera.fps: the camera has {mode} at 5 and 15 frames per second only, got 30")
