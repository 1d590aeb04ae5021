"""How the hand of a lift trial is set and closes: what its motors do until something stops the fingers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import mujoco
import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.hands.closing import inward, pad_steps, pads
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import SHADOW_HAND, end_effector
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.spec import EndEffector
from sparsedff.physics.model import World

Float = NDArray[np.float64]


@lru_cache(maxsize=4)
def trial_hand(spec: EndEffector | None = None) -> ModelHand:
    """A hand as the trials look at it: few surface points, double precision as in MuJoCo. None is the Shadow Hand."""
    return ModelHand(spec or end_effector(SHADOW_HAND), HandSettings(pt_nums=100), dtype=torch.float64)


def set_hand(world: World, data: mujoco.MjData, pose: HandPose) -> None:
    """Write a pose of the hand into the state, at rest."""
    start = world.palm_qpos
    data.qpos[start : start + 3] = pose.translation
    mujoco.mju_mat2Quat(data.qpos[start + 3 : start + 7], pose.rotation.reshape(9))
    world.set_joints(data, pose.joints)


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
    """The thumb presses with `squeeze_n` [N] and the fingers together with as much, against each other.

    The transposed jacobian turns a force at a pad into the torques that hold it; what is more than a motor can give is
    cut off in the simulation. Joints go on by their leverage, until their pad has moved by `travel_m` [m].
    """
    positions, jacobians = pads(world.hand, pose)
    directions = inward(positions)
    leverage = np.einsum("fkj,fk->fj", jacobians, directions)
    fingers = len(positions) - 1
    torques = squeeze_n * np.append(np.full(fingers, 1 / fingers), 1.0) @ leverage
    onward = pad_steps(jacobians, directions, travel_m).sum(axis=0)
    onward = onward[world.motors]
    return Squeeze(torques[world.motors], np.minimum(onward, 0.0), np.maximum(onward, 0.0))
