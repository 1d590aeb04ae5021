"""What a source of cameras is told when it is to open them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparsedff.capture.cameras.settings import CameraSettings


@dataclass(frozen=True)
class CameraRequest:
    """The one argument of every opener in SOURCES.

    Attributes:
        settings: how the cameras are run.
        rig_folder: the rig's calibration; a source reads it only if its cameras need to know where they stand.
        seed: of all random numbers, for sources that make images.
    """

    settings: CameraSettings
    rig_folder: Path
    seed: int = 0
