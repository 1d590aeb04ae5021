"""A robot whose gripper turns the board over the table."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.capture.model import Rig
from sparsedff.geometry import inverse, transform


def poses(count: int, rng: np.random.Generator, turn: float = 1.0, shift: float = 0.3) -> np.ndarray:
    """Random rigid transforms (N, 4, 4), turned by up to `turn` [rad] and shifted by up to `shift` [m] per axis."""
    turns = Rotation.from_rotvec(rng.uniform(-turn, turn, (count, 3))).as_matrix()
    return np.stack([transform(r, t) for r, t in zip(turns, rng.uniform(-shift, shift, (count, 3)), strict=True)])


def robot_scene(rig: Rig, rng: np.random.Generator, count: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """base_from_cam0, gripper_from_board and base_from_gripper such that the board turns over the table."""
    base_from_world = transform(Rotation.from_euler("z", 2.0).as_matrix(), np.array([0.7, -0.2, -0.1]))
    gripper_from_board = transform(Rotation.from_rotvec([0.3, 2.5, 0.2]).as_matrix(), np.array([0.05, -0.1, 0.12]))
    flat = transform(np.diag([1.0, -1, -1]), np.zeros(3)) @ transform(np.eye(3), np.array([-0.128, -0.176, 0]))
    over_table = poses(count, rng, 0.6, 0.12)
    over_table[:, 2, 3] += 0.25
    robot = base_from_world @ over_table @ flat @ inverse(gripper_from_board)
    return base_from_world @ inverse(rig.cam0_from_world), gripper_from_board, robot
