"""Trajectories for robots: what is written is read back, and messages have the fields of their definitions."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.spatial.transform import Rotation

from sparsedff.geometry import transform
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import end_effector
from sparsedff.hands.timing import timed
from sparsedff.runs.export import FORMATS, RobotPath, signs_of, write_path

SPEC = end_effector("shadow_hand")
BASE = transform(Rotation.from_euler("xyz", [0.3, -0.2, 1.0]).as_matrix(), np.array([0.5, -0.1, 0.2]))

# trajectory_msgs, nav_msgs, geometry_msgs, std_msgs and builtin_interfaces of ROS 2: fields by message.
MESSAGES = {
    "JointTrajectory": {"header": "Header", "joint_names": ["string"], "points": ["JointTrajectoryPoint"]},
    "JointTrajectoryPoint": {
        "positions": ["float64"],
        "velocities": ["float64"],
        "accelerations": ["float64"],
        "effort": ["float64"],
        "time_from_start": "Duration",
    },
    "Path": {"header": "Header", "poses": ["PoseStamped"]},
    "PoseStamped": {"header": "Header", "pose": "Pose"},
    "Pose": {"position": "Point", "orientation": "Quaternion"},
    "Point": {axis: "float64" for axis in "xyz"},
    "Quaternion": {axis: "float64" for axis in "xyzw"},
    "Header": {"stamp": "Duration", "frame_id": "string"},
    "Duration": {"sec": "int32", "nanosec": "uint32"},
}


def path(signs: str = "mjcf") -> RobotPath:
    rng = np.random.default_rng(0)
    turns = Rotation.random(4, random_state=1).as_matrix()
    poses = [HandPose(rng.normal(size=3), turn, rng.uniform(0, 1, 22)) for turn in turns]
    return RobotPath(SPEC.layout.names, timed(SPEC, poses), BASE, "base", signs_of(SPEC, signs))


def check(value: object, kind: object) -> None:
    if isinstance(kind, list):
        assert isinstance(value, list)
        for one in value:
            check(one, kind[0])
    elif kind in MESSAGES:
        fields = MESSAGES[str(kind)]
        assert isinstance(value, dict) and set(value) == set(fields)
        for name, inner in fields.items():
            check(value[name], inner)
    else:
        kinds = {"float64": float, "string": str, "int32": int, "uint32": int}
        assert type(value) is kinds[str(kind)]
        assert kind != "uint32" or 0 <= int(str(value)) < 10**9


@pytest.mark.parametrize("signs", ["mjcf", "driver"])
@pytest.mark.parametrize("to", FORMATS)
def test_what_is_written_is_read_back(to: str, signs: str, tmp_path: Path) -> None:
    told = path(signs)
    files = {file.name: file for file in write_path(told, to, tmp_path / "new")}
    turned = np.array([name in ("RFJ3", "THJ2", "THJ1", "THJ0") for name in SPEC.layout.names]) & (signs == "driver")
    joints = np.stack([pose.joints for pose in told.timed.poses]) * np.where(turned, -1, 1)
    if to == "csv":
        rows = list(csv.reader(files["trajectory.csv"].open()))
        assert rows[0][0] == "time_s" and tuple(rows[0][8:]) == SPEC.layout.names
        table = np.array(rows[1:], dtype=float)
        seconds, palm, found = table[:, 0], table[:, 1:8], table[:, 8:]
    elif to == "npz":
        arrays = np.load(files["trajectory.npz"])
        assert tuple(arrays["joint_names"]) == SPEC.layout.names and str(arrays["frame"]) == "base"
        seconds, palm, found = arrays["time_s"], arrays["palm"], arrays["joints"]
    else:
        trajectory, way = (
            yaml.safe_load(files[name].read_text()) for name in ("joint_trajectory.yaml", "palm_path.yaml")
        )
        check(trajectory, "JointTrajectory")
        check(way, "Path")
        assert tuple(trajectory["joint_names"]) == SPEC.layout.names and way["header"]["frame_id"] == "base"
        times = [point["time_from_start"] for point in trajectory["points"]]
        seconds = np.array([time["sec"] + 1e-9 * time["nanosec"] for time in times])
        found = np.array([point["positions"] for point in trajectory["points"]])
        places = [pose["pose"] for pose in way["poses"]]
        palm = np.array([[*place["position"].values(), *place["orientation"].values()] for place in places])
    np.testing.assert_allclose(seconds, told.timed.seconds, atol=1e-9)
    np.testing.assert_array_equal(found, joints)
    for row, pose in zip(palm, told.timed.poses, strict=True):
        placed = transform(Rotation.from_quat(row[3:]).as_matrix(), row[:3])
        np.testing.assert_allclose(placed, BASE @ pose.world_from_palm, atol=1e-9)
