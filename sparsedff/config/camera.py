"""The section of the configuration that concerns cameras; the rest is in config.py."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.capture.cameras.kinect_settings import COLOR_HEIGHTS, DEPTH_MODES, FPS, KinectSettings
from sparsedff.common.schema import key
from sparsedff.errors import CameraError, ConfigError


@dataclass(frozen=True)
class CameraConfig:
    """What captures are taken with."""

    source: str = key("kinect", "kinect, simulated, or recordings: FILE.mkv[,FILE.mkv...]")
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
        """Refuse what the device does not have."""
        if self.warmup_frames[0] > self.warmup_frames[1]:
            raise ConfigError(f"camera.warmup_frames: {list(self.warmup_frames)} is not allowed; fewest is above most")
        try:
            self.kinect()
        except CameraError as error:
            raise ConfigError(str(error)) from None

    def kinect(self) -> KinectSettings:
        """The part that concerns Azure Kinects and their recordings."""
        return KinectSettings(
            color_resolution=self.color_resolution,
            color_format=self.color_format,
            depth_mode=self.depth_mode,
            fps=self.fps,
            white_balance_k=self.white_balance_k,
            exposure_us=self.exposure_us,
            wired_sync=self.wired_sync == "auto",
            registration=self.registration,
            warmup_frames=self.warmup_frames,
            warmup_change=self.warmup_change,
        )
