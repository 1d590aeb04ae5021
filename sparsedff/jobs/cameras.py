"""What `--source` and camera.source mean: which cameras, and in which rig they stand."""

from __future__ import annotations

from pathlib import Path

from sparsedff.capture.cameras.base import Camera
from sparsedff.capture.cameras.group import Cameras, Maker
from sparsedff.capture.cameras.kinect import open_kinects
from sparsedff.capture.cameras.recording import open_recordings
from sparsedff.capture.cameras.simulated import SimulatedCamera
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Rig, RigCamera, View
from sparsedff.config.config import Config
from sparsedff.errors import CameraError


def cameras_of(config: Config) -> Cameras:
    """The configured cameras, opened when the block is entered.

    Raises:
        CameraError: the source is none of the three kinds.
    """
    return Cameras(_maker(config), config.camera.timeout_s)


def rig_of(config: Config) -> Rig:
    """Where the cameras stand.

    Raises:
        CalibrationError: extrinsics_path holds no complete calibration.
    """
    return load_rig(Path(config.extrinsics_path))


def _maker(config: Config) -> Maker:
    source, settings = config.camera.source, config.camera.kinect()
    if source == "kinect":
        return lambda: open_kinects(settings)
    if source == "simulated":
        return lambda: _simulated(config)
    paths = [Path(name.strip()) for name in source.split(",") if name.strip()]
    if not paths or any(path.suffix.lower() != ".mkv" for path in paths):
        raise CameraError(f"camera.source: {source!r} is not kinect, simulated or recordings FILE.mkv[,FILE.mkv...]")
    return lambda: open_recordings(paths, settings)


def _simulated(config: Config) -> list[Camera]:
    """The rig's cameras, looking at one of the sample's scenes; each shot has other noise."""
    from sparsedff.synthetic.rendering.rays import resize_rig  # seconds to import, and only needed here
    from sparsedff.synthetic.rendering.scene import Scene
    from sparsedff.synthetic.rendering.sensor import SensorNoise
    from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
    from sparsedff.synthetic.sample import placed_monkey

    rig = resize_rig(rig_of(config), config.camera.simulated_width_px)
    scene = Scene(placed_monkey(config.camera.simulated_scene))

    def camera(index: int, one: RigCamera) -> Camera:
        alone = SimulatedRig(Rig((one,), rig.cam0_from_world))

        def take(shot: int) -> View:
            return alone.take("simulated", scene, SensorNoise(), (config.seed, shot, index)).views[0]

        return SimulatedCamera(one, take)

    return [camera(index, one) for index, one in enumerate(rig.cameras)]
