"""Authored poses are saved as files that a transfer reads."""

from __future__ import annotations

import re
from pathlib import Path

from sparsedff.errors import HandError
from sparsedff.hands.pose import HandPose, save_reference_pose


def save_pose(pose: HandPose, name: str, folder: Path, replace: bool = False) -> Path:
    """Write folder/ref_pose_NAME.npy and return its path.

    Args:
        pose: in MJCF signs.
        name: letters, digits, `_` and `-`.
        folder: made where it is missing.
        replace: whether a pose of this name may be replaced.

    Raises:
        HandError: the name will not do, or is taken.
        OSError: the folder cannot be written to.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name):
        raise HandError(f"pose name {name!r}: use letters, digits, _ and - only")
    path = folder / f"ref_pose_{name}.npy"
    if path.exists() and not replace:
        raise HandError(f"{path} exists; choose another name, or allow replacing it")
    folder.mkdir(parents=True, exist_ok=True)
    save_reference_pose(pose, path)
    return path
