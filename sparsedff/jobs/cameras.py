"""The configured cameras, and the rig in which they stand."""

from __future__ import annotations

from sparsedff.capture.cameras.group import Cameras
from sparsedff.capture.cameras.registry import SOURCES, source_kind
from sparsedff.capture.cameras.request import CameraRequest
from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Rig
from sparsedff.common.packaged import packaged
from sparsedff.config.config import Config


def cameras_of(config: Config) -> Cameras:
    """The configured cameras, opened when the block is entered.

    Raises:
        CameraError: camera.source names no source.
    """
    kind = source_kind(config.camera.source)
    request = CameraRequest(config.camera, packaged(config.extrinsics_path), config.seed)
    return Cameras(lambda: SOURCES.load(kind)(request), config.camera.timeout_s)


def rig_of(config: Config) -> Rig:
    """Where the cameras stand.

    Raises:
        CalibrationError: extrinsics_path holds no complete calibration.
    """
    return load_rig(packaged(config.extrinsics_path))
