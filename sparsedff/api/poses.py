"""Demonstrated poses: files to values and back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sparsedff.api.settings import Settings, as_config
from sparsedff.hands.pose import HandPose, save_reference_pose
from sparsedff.prepare.inputs import read_demonstration


def load_pose(name_or_path: str | Path, convention: str = "mjcf", settings: Settings = None) -> HandPose:
    """Read a reference pose (docs/files.md).

    Args:
        name_or_path: a .npy file, or NAME of ref_pose_NAME.npy in `pose_paths`; monkey is the packaged sample's.
        convention: joint signs in the file: `mjcf`, or `driver` for files of the real robot's driver.
        settings: `pose_paths` and `mode` are read.

    Raises:
        HandError: there is none, or it is damaged or of another hand; names the file.
    """
    config = replace(as_config(settings), hand_ref_pose_name=str(name_or_path), hand_ref_pose_convention=convention)
    return read_demonstration(config)


def save_pose(pose: HandPose, path: Path | str) -> Path:
    """Write a reference pose, in the model's joint signs; the file appears whole or not at all.

    Args:
        pose: the hand.
        path: ref_pose_NAME.npy, by convention.

    Raises:
        OSError: its folder does not exist, or cannot be written to.
    """
    save_reference_pose(pose, Path(path))
    return Path(path)
