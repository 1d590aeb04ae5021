"""A run's trajectory for robots: a table, arrays, or ROS 2 messages as YAML. Joints by name, in radians and metres."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.common.atomic import write_file
from sparsedff.hands.spec import EndEffector
from sparsedff.hands.timing import Timed

Float = NDArray[np.float64]

FORMATS = ("csv", "npz", "ros2")
WORLD = "world"
"""Name of the frame without a robot: the table's, z up."""


@dataclass(frozen=True, eq=False)
class RobotPath:
    """What is written.

    Attributes:
        joint_names: of the hand.
        timed: poses in the world with their time.
        base_from_world: (4, 4) [m]; the identity where no robot's base is known.
        frame: name of the frame in which the palm's poses are written.
        signs: (J,) 1, or -1 where the real robot's driver turns a joint the other way.
    """

    joint_names: tuple[str, ...]
    timed: Timed
    base_from_world: Float
    frame: str
    signs: Float

    @property
    def joints(self) -> Float:
        """(K, J) [rad, m]."""
        return np.stack([pose.joints for pose in self.timed.poses]) * self.signs

    @property
    def palm(self) -> Float:
        """(K, 7) place [m] and quaternion xyzw of the palm in the frame."""
        placed = [pose.moved(self.base_from_world) for pose in self.timed.poses]
        return np.array([[*pose.translation, *Rotation.from_matrix(pose.rotation).as_quat()] for pose in placed])


def signs_of(spec: EndEffector, convention: str) -> Float:
    """(J,) of `mjcf`, the model's signs, or of `driver`."""
    signs = np.ones(len(spec.layout))
    if convention == "driver":
        signs[list(spec.layout.driver_flipped)] = -1.0
    return signs


def write_path(path: RobotPath, to: str, folder: Path) -> list[Path]:
    """Write trajectory.csv, trajectory.npz, or joint_trajectory.yaml and palm_path.yaml; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {"csv": _csv, "npz": _npz, "ros2": _ros2}[to](path)
    for name, content in made.items():
        write_file(folder / name, content)
    return [folder / name for name in made]


def _csv(path: RobotPath) -> dict[str, str | bytes]:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["time_s", *(f"palm_{axis}" for axis in ("x", "y", "z", "qx", "qy", "qz", "qw")), *path.joint_names])
    rows = np.column_stack([path.timed.seconds, path.palm, path.joints])
    table.writerows([[repr(float(value)) for value in row] for row in rows])
    return {"trajectory.csv": text.getvalue()}


def _npz(path: RobotPath) -> dict[str, str | bytes]:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        time_s=path.timed.seconds,
        palm=path.palm,
        joints=path.joints,
        velocities=path.timed.velocities * path.signs,
        joint_names=np.array(path.joint_names),
        frame=np.array(path.frame),
    )
    return {"trajectory.npz": buffer.getvalue()}


def _ros2(path: RobotPath) -> dict[str, str | bytes]:
    files = {"joint_trajectory.yaml": joint_trajectory(path), "palm_path.yaml": palm_path(path)}
    return {name: yaml.safe_dump(message, sort_keys=False) for name, message in files.items()}


def joint_trajectory(path: RobotPath) -> dict[str, Any]:
    """trajectory_msgs/msg/JointTrajectory of the fingers."""
    slopes = path.timed.velocities * path.signs, path.timed.accelerations * path.signs
    rows = zip(path.joints, *slopes, path.timed.seconds, strict=True)
    points = [
        {
            "positions": positions.tolist(),
            "velocities": velocities.tolist(),
            "accelerations": accelerations.tolist(),
            "effort": [],
            "time_from_start": _time(seconds),
        }
        for positions, velocities, accelerations, seconds in rows
    ]
    return {"header": _header(path, 0.0), "joint_names": list(path.joint_names), "points": points}


def palm_path(path: RobotPath) -> dict[str, Any]:
    """nav_msgs/msg/Path of the palm; each pose's stamp is its time from the start."""
    poses = [
        {
            "header": _header(path, seconds),
            "pose": {
                "position": dict(zip("xyz", row[:3].tolist(), strict=True)),
                "orientation": dict(zip("xyzw", row[3:].tolist(), strict=True)),
            },
        }
        for row, seconds in zip(path.palm, path.timed.seconds, strict=True)
    ]
    return {"header": _header(path, 0.0), "poses": poses}


def _header(path: RobotPath, seconds: float) -> dict[str, Any]:
    return {"stamp": _time(seconds), "frame_id": path.frame}


def _time(seconds: float) -> dict[str, int]:
    """builtin_interfaces: whole seconds and nanoseconds."""
    nanoseconds = round(float(seconds) * 1e9)
    return {"sec": nanoseconds // 10**9, "nanosec": nanoseconds % 10**9}
