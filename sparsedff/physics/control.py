"""How the hand of a lift trial closes: reachable joints, pads that press against each other, pads that open."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from sparsedff.hands.pose import JOINT_NAMES, HandPose
from sparsedff.hands.shadow_model import PREFIX, load_shadow_model
from sparsedff.physics.model import World

Float = NDArray[np.float64]

FINGERS = ("ff", "mf", "rf", "lf", "th")

# Middle of the pads in the distal links' frames [m]: fingers curl towards -y, the thumb towards -x.
_PAD = {"ff": (0.0, -0.007, 0.016), "th": (-0.009, 0.0, 0.017)}

# A finger's two outer joints hang on one cord: J0 follows J1 by the ratio of its pulleys, but for some slack [m].
_CORD_J0_M, _CORD_J1_M, _CORD_SLACK_M = 0.00705, 0.00805, 0.001


def reachable(pose: HandPose) -> HandPose:
    """The nearest pose that the hand's cords and joint limits allow.

    In the four fingers |a J0 - b J1| <= slack with pulley radii a and b; a pose outside is moved square onto the band.
    """
    joints = np.clip(pose.joints, *load_shadow_model().joint_limits.T)
    normal = np.array([-_CORD_J1_M, _CORD_J0_M])
    for finger in FINGERS[:4]:
        outer = [JOINT_NAMES.index(f"{finger.upper()}J{index}") for index in (1, 0)]
        stretch = float(normal @ joints[outer])
        excess = stretch - np.clip(stretch, -_CORD_SLACK_M, _CORD_SLACK_M)
        joints[outer] -= excess * normal / (normal @ normal)
    return HandPose(pose.translation, pose.rotation, np.clip(joints, *load_shadow_model().joint_limits.T))


def pads(world: World, pose: HandPose) -> tuple[Float, Float]:
    """Pads of the five distal links at a pose: positions (5, 3) [m] in the world, and what joints do to them.

    Returns:
        positions, and jacobians (5, 3, 22) [m/rad] with respect to JOINT_NAMES. A motor on J1 bends J0 as well: its
        column is the sum of both, and J0's own is zero.
    """
    data = mujoco.MjData(world.model)
    set_hand(world, data, pose)
    mujoco.mj_kinematics(world.model, data)
    mujoco.mj_comPos(world.model, data)
    positions, jacobians = np.empty((5, 3)), np.empty((5, 3, len(JOINT_NAMES)))
    full = np.empty((3, world.model.nv))
    for index, finger in enumerate(FINGERS):
        body = world.model.body(f"{PREFIX}{finger}distal").id
        positions[index] = data.xpos[body] + data.xmat[body].reshape(3, 3) @ np.array(_PAD.get(finger, _PAD["ff"]))
        mujoco.mj_jac(world.model, data, full, None, positions[index], body)
        jacobians[index] = full[:, world.joint_dof]
    for finger in FINGERS[:4]:
        inner, outer = (JOINT_NAMES.index(f"{finger.upper()}J{index}") for index in (1, 0))
        jacobians[:, :, inner] += _CORD_J1_M / _CORD_J0_M * jacobians[:, :, outer]
        jacobians[:, :, outer] = 0.0
    return positions, jacobians


def set_hand(world: World, data: mujoco.MjData, pose: HandPose) -> None:
    """Write a pose of the hand into the state, at rest."""
    start = world.palm_qpos
    data.qpos[start : start + 3] = pose.translation
    mujoco.mju_mat2Quat(data.qpos[start + 3 : start + 7], pose.rotation.reshape(9))
    data.qpos[world.joint_qpos] = pose.joints


def inward(positions: Float) -> Float:
    """Unit directions (5, 3) in which pads (5, 3) close: fingers towards the thumb, the thumb towards their middle."""
    towards = np.concatenate([positions[4] - positions[:4], positions[None, :4].mean(axis=1) - positions[4:]])
    return towards / np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-9)


@dataclass(frozen=True, eq=False)
class Squeeze:
    """How the motors close on an object, in the order of the world's motors.

    Attributes:
        torques: (M,) [N m] that press the pads together at the grasp.
        low, high: (M,) [rad] bounds of how far each joint may go on from the grasp before it meets something.
    """

    torques: Float
    low: Float
    high: Float

    def targets(self, grasp: Float, joints: Float, stiffness: Float, share: float) -> Float:
        """Motor targets (M,) [rad] that close: the torques hold wherever the joints have come to, within the bounds.

        Args:
            grasp, joints: (M,) [rad] joints of the grasp, and as they are.
            stiffness: (M,) [N m/rad] of the motors.
            share: of the torques, 0 to 1.
        """
        return grasp + np.clip(joints - grasp, self.low, self.high) + share * self.torques / stiffness


def squeeze(world: World, pose: HandPose, squeeze_n: float, travel_m: float) -> Squeeze:
    """The thumb presses with `squeeze_n` [N] and each finger with a quarter of it, against each other.

    The transposed jacobian turns a force at a pad into the torques that hold it; what is more than a motor can give is
    cut off in the simulation. Joints go on by their leverage, until their pad has moved by `travel_m` [m].
    """
    positions, jacobians = pads(world, pose)
    leverage = np.einsum("fkj,fk->fj", jacobians, inward(positions))
    torques = squeeze_n * np.array([0.25, 0.25, 0.25, 0.25, 1.0]) @ leverage
    onward = (travel_m * leverage / np.maximum((leverage**2).sum(axis=1, keepdims=True), 1e-6)).sum(axis=0)
    onward = onward[world.motors]
    return Squeeze(torques[world.motors], np.minimum(onward, 0.0), np.maximum(onward, 0.0))


def opened(world: World, pose: HandPose, opening_m: float, steps: int = 4) -> HandPose:
    """The hand with its pads drawn apart by `opening_m` [m] each, as far as the joints go.

    Small steps along -J^T d, the direction d that the pads close in being kept: every joint moves by its leverage.
    """
    limits = load_shadow_model().joint_limits
    closing = inward(pads(world, pose)[0])
    for _ in range(steps):
        _, jacobians = pads(world, pose)
        leverage = np.einsum("fkj,fk->fj", jacobians, closing)
        step = leverage / np.maximum((leverage**2).sum(axis=1, keepdims=True), 1e-6)
        joints = np.clip(pose.joints - opening_m / steps * step.sum(axis=0), *limits.T)
        pose = reachable(HandPose(pose.translation, pose.rotation, joints))
    return pose
