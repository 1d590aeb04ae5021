"""How a hand opens and closes: joints that its cords allow, pads that press against each other or draw apart."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose

Float = NDArray[np.float64]


def reachable(hand: Hand, pose: HandPose) -> HandPose:
    """The nearest pose that the hand's cords and joint limits allow.

    A cord's band is |a outer - b inner| <= slack with pulley radii a and b; a pose outside is moved square onto it.
    """
    spec, limits = hand.spec, hand.limits_rad
    joints = np.clip(pose.joints, *limits.T)
    for cord in spec.cords:
        normal = np.array([-cord.inner_m, cord.outer_m])
        pair = [spec.layout.index(cord.inner), spec.layout.index(cord.outer)]
        stretch = float(normal @ joints[pair])
        excess = stretch - np.clip(stretch, -cord.slack_m, cord.slack_m)
        joints[pair] -= excess * normal / (normal @ normal)
    return HandPose(pose.translation, pose.rotation, np.clip(joints, *limits.T))


def pads(hand: Hand, pose: HandPose) -> tuple[Float, Float]:
    """Pads of the F fingers at a pose: positions (F, 3) [m] in the world, and what joints do to them.

    Returns:
        positions, and jacobians (F, 3, J) [m/rad]. A motor on a cord's inner joint bends the outer one as well: its
        column is the sum of both, and the outer's own is zero. So are those of joints that carry the whole hand.
    """
    spec = hand.spec
    links = [hand.links.index(spec.link(finger.tip)) for finger in spec.fingers]
    translation, rotation, joints = hand.pose_tensors(pose)
    pad = torch.tensor([finger.pad_m for finger in spec.fingers], dtype=hand.dtype, device=hand.device)

    def place(joints: Tensor) -> Tensor:
        distal = hand.world_from_links(translation, rotation, joints)[0, links]
        return (distal[:, :3, :3] @ pad[..., None])[..., 0] + distal[:, :3, 3]

    positions = place(joints).detach().cpu().numpy().astype(np.float64)
    slopes = torch.autograd.functional.jacobian(place, joints)[:, :, 0]
    jacobians = slopes.cpu().numpy().astype(np.float64)
    for cord in spec.cords:
        inner, outer = spec.layout.index(cord.inner), spec.layout.index(cord.outer)
        jacobians[:, :, inner] += cord.inner_m / cord.outer_m * jacobians[:, :, outer]
        jacobians[:, :, outer] = 0.0
    jacobians[:, :, [spec.layout.index(name) for name in spec.carrying]] = 0.0
    return positions, jacobians


def inward(positions: Float) -> Float:
    """Unit directions (F, 3) in which pads (F, 3) close: fingers towards the thumb, the thumb towards their middle."""
    towards = np.concatenate([positions[-1] - positions[:-1], positions[None, :-1].mean(axis=1) - positions[-1:]])
    return towards / np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-9)


def pad_steps(jacobians: Float, directions: Float, metres: float = 1.0) -> Float:
    """Joint steps (F, J) that each move a pad by so many metres along its direction (F, 3), joints by their leverage.

    A joint that moves several pads, as a gripper's opening does, shares its step out among them.
    """
    leverage = np.einsum("fkj,fk->fj", jacobians, directions)
    steps = metres * leverage / np.maximum((leverage**2).sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(steps / np.maximum((leverage != 0).sum(axis=0), 1))


def opened(hand: Hand, pose: HandPose, opening_m: float, steps: int = 4) -> HandPose:
    """The hand with its pads drawn apart by `opening_m` [m] each, as far as the joints go.

    Small steps along -J^T d, the direction d that the pads close in being kept: every joint moves by its leverage.
    """
    closing = inward(pads(hand, pose)[0])
    for _ in range(steps):
        step = pad_steps(pads(hand, pose)[1], closing)
        joints = np.clip(pose.joints - opening_m / steps * step.sum(axis=0), *hand.limits_rad.T)
        pose = reachable(hand, HandPose(pose.translation, pose.rotation, joints))
    return pose
