"""The robot's poses, one per still.

robot_poses.csv    a head `name,x,y,z,qx,qy,qz,qw`, then a line per still: its name (without .png), the gripper's
                   position in the base frame [m] and its orientation as a quaternion
robot_poses.npy    (N, 4, 4) base_from_gripper, one per still in the natural order of the stills' names
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sparsedff.errors import CalibrationError
from sparsedff.files.npy import read_npy
from sparsedff.files.table import read_table
from sparsedff.geometry import Float, check_rigid, rotation_from_quaternion, transform

NAMES = ("robot_poses.csv", "robot_poses.npy")
_COLUMNS = ("name", "x", "y", "z", "qx", "qy", "qz", "qw")


def find_robot_poses(folder: Path) -> Path:
    """The poses' file beside the stills.

    Raises:
        CalibrationError: there is none.
    """
    for name in NAMES:
        if (folder / name).exists():
            return folder / name
    raise CalibrationError(f"{folder / NAMES[0]}: no such file; write it ({','.join(_COLUMNS)}) or give --poses FILE")


def read_robot_poses(path: Path, stills: Sequence[str]) -> dict[str, Float]:
    """base_from_gripper (4, 4) [m] by still.

    Args:
        path: a .csv or .npy file as above.
        stills: names of all stills, in natural order.

    Raises:
        CalibrationError: missing or malformed, a pose that is not rigid, or poses that do not go with the stills;
            names file and line.
    """
    if not path.exists():
        raise CalibrationError(f"{path}: no such file; write it ({','.join(_COLUMNS)}) or give --poses FILE")
    poses = _from_npy(path, stills) if path.suffix == ".npy" else _from_csv(path)
    missing = [name for name in stills if name not in poses]
    if missing:
        raise CalibrationError(f"{path}: has no pose for still {missing[0]!r}; add it, or remove that still")
    return poses


def _from_npy(path: Path, stills: Sequence[str]) -> dict[str, Float]:
    count = len(stills)
    rule = f"must be ({count}, 4, 4), a pose for each of the {count} stills in their order"
    array = read_npy(path, CalibrationError, "write it again", shapes=[(count, 4, 4)], rule=rule)
    return {name: check_rigid(pose, f"{path}: pose {name}") for name, pose in zip(stills, array, strict=True)}


def _from_csv(path: Path) -> dict[str, Float]:
    lines = read_table(path, CalibrationError, f"write it as {','.join(_COLUMNS)}")
    if not lines or tuple(lines[0]) != _COLUMNS:
        raise CalibrationError(f"{path}: line 1: must be {','.join(_COLUMNS)}")
    poses: dict[str, Float] = {}
    for number, line in enumerate(lines[1:], start=2):
        try:
            values = np.array(line[1:], dtype=np.float64)
            if len(line) != len(_COLUMNS) or not np.isfinite(values).all():
                raise ValueError
            pose = transform(rotation_from_quaternion(values[3:]), values[:3])
        except (ValueError, CalibrationError):
            raise CalibrationError(
                f"{path}: line {number}: must be a name and seven numbers, got {str(line)[:120]}"
            ) from None
        if line[0] in poses:
            raise CalibrationError(f"{path}: line {number}: still {line[0]!r} has a pose already; keep one")
        poses[line[0]] = pose
    return poses
