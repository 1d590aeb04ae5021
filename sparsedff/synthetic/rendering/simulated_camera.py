"""The source `simulated`: the calibrated cameras before a rendered scene."""

from __future__ import annotations

from sparsedff.capture.cameras.base import Camera
from sparsedff.capture.cameras.request import CameraRequest
from sparsedff.capture.cameras.simulated import SimulatedCamera
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Rig, RigCamera, View
from sparsedff.synthetic.rendering.rays import resize_rig
from sparsedff.synthetic.rendering.scene import Scene
from sparsedff.synthetic.rendering.sensor import SensorNoise
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.sample import placed_monkey


def open_simulated(request: CameraRequest) -> list[Camera]:
    """The rig's cameras, looking at one of the sample's scenes; each shot has other noise.

    Raises:
        CalibrationError: the rig's folder holds no complete calibration.
    """
    rig = resize_rig(load_rig(request.rig_folder), request.settings.simulated_width_px)
    scene = Scene(placed_monkey(request.settings.simulated_scene))

    def camera(index: int, one: RigCamera) -> Camera:
        alone = SimulatedRig(Rig((one,), rig.cam0_from_world))

        def take(shot: int) -> View:
            return alone.take("simulated", scene, SensorNoise(), (request.seed, shot, index)).views[0]

        return SimulatedCamera(one, take)

    return [camera(index, one) for index, one in enumerate(rig.cameras)]
