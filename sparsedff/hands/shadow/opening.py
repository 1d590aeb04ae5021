"""How the Shadow Hand opens and closes: joints its cords allow, pads that press against each other or draw apart."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.hands.shadow.model import PREFIX

Float = NDArray[np.float64]

FINGERS = ("ff", "mf", "rf", "lf", "th")

# Middle of the pads in the distal links' frames [m]: fingers curl towards -y, the thumb towards -x.
_PAD = {"ff": (0.0, -0.007, 0.016), "th": (-0.009, 0.0, 0.017)}

# A finger's two outer joints hang on one cord: J0 follows J1 by the ratio of its pulleys, but for some slack [m].
_CORD_J0_M, _CORD_J1_M, _CORD_SLACK_M = 0.00705, 0.00805, 0.001


def reachable(pose: HandPose, joint_limits: Float) -> HandPose:
    """The nearest pose that the hand's cords and joint limits allow.

    In the four fingers |a J0 - b J1| <= slack with pulley radii a and b; a pose outside is moved square onto the band.

    Args:
        pose: of the Shadow Hand.
        joint_limits: (22, 2) [rad].
    """
    joints = np.clip(pose.joints, *joint_limits.T)
    normal = np.array([-_CORD_J1_M, _CORD_J0_M])
    for finger in FINGERS[:4]:
        outer = [JOINT_NAMES.index(f"{finger.upper()}J{index}") for index in (1, 0)]
        stretch = float(normal @ joints[outer])
        excess = stretch - np.clip(stretch, -_CORD_SLACK_M, _CORD_SLACK_M)
        joints[outer] -= excess * normal / (normal @ normal)
    return HandPose(pose.translation, pose.rotation, np.clip(joints, *joint_limits.T))


def pads(hand: Hand, pose: HandPose) -> tuple[Float, Float]:
    """Pads of the five distal links at a pose: positions (5, 3) [m] in the world, and what joints do to them.

    Returns:
        positions, and jacobians (5, 3, 22) [m/rad] with respect to JOINT_NAMES. A motor on J1 bends J0 as well: its
        column is the sum of both, and J0's own is zero.
    """
    links = [hand.links.index(f"{PREFIX}{finger}distal") for finger in FINGERS]
    translation, rotation, joints = hand.pose_tensors(pose)
    pad = torch.tensor([_PAD.get(finger, _PAD["ff"]) for finger in FINGERS], dtype=hand.dtype, device=hand.device)

    def place(joints: Tensor) -> Tensor:
        distal = hand.world_from_links(translation, rotation, joints)[0, links]
        return (distal[:, :3, :3] @ pad[..., None])[..., 0] + distal[:, :3, 3]

    positions = place(joints).detach().cpu().numpy().astype(np.float64)
    slopes = torch.autograd.functional.jacobian(place, joints)[:, :, 0]
    jacobians = slopes.cpu().numpy().astype(np.float64)
    for finger in FINGERS[:4]:
        inner, outer = (JOINT_NAMES.index(f"{finger.upper()}J{index}") for index in (1, 0))
        jacobians[:, :, inner] += _CORD_J1_M / _CORD_J0_M * jacobians[:, :, outer]
        jacobians[:, :, outer] = 0.0
    return positions, jacobians


def inward(positions: Float) -> Float:
    """Unit directions (5, 3) in which pads (5, 3) close: fingers towards the thumb, the thumb towards their middle."""
    towards = np.concatenate([positions[4] - positions[:4], positions[None, :4].mean(axis=1) - positions[4:]])
    return towards / np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-9)


def opened(hand: Hand, pose: HandPose, opening_m: float, joint_limits: Float, steps: int = 4) -> HandPose:
    """The hand with its pads drawn apart by `opening_m` [m] each, as far as the joints go.

    Small steps along -J^T d, the direction d that the pads close in being kept: every joint moves by its leverage.
    """
    closing = inward(pads(hand, pose)[0])
    for _ in range(steps):
        _, jacobians = pads(hand, pose)
        leverage = np.einsum("fkj,fk->fj", jacobians, closing)
        step = leverage / np.maximum((leverage**2).sum(axis=1, keepdims=True), 1e-6)
        joints = np.clip(pose.joints - opening_m / steps * step.sum(axis=0), *joint_limits.T)
        pose = reachable(HandPose(pose.translation, pose.rotation, joints), joint_limits)
    return pose
