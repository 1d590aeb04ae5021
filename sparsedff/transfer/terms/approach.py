"""Palm turned away from facing down, as seen from an object that stands like the reference."""

from __future__ import annotations

import torch
from torch import Tensor

from sparsedff.transfer.terms.base import Goal, PosedHands


def tilt(rotation: Tensor) -> Tensor:
    """Roll and pitch (B, 2) [rad] of the palm away from palm-down; rotation (B, 3, 3) is world_from_palm.

    Palm-down means that the palm's +y axis (the back of the hand) points up; yaw is free. Roll turns about the fingers
    (+z), pitch about the palm's width (+x).
    """
    up = rotation[:, 2, :]  # world up, seen from the palm
    roll = torch.atan2(up[:, 0], up[:, 1])
    pitch = torch.atan2(up[:, 2], up[:, :2].square().sum(1).clamp(min=1e-12).sqrt())
    return torch.stack([roll, pitch], dim=1)


def approach_term(rotation: Tensor, free_angles: Tensor | float) -> Tensor:
    """Roll and pitch of the palm beyond their free angles, a number or (2,) [rad], summed (B,) [rad]."""
    return (tilt(rotation).abs() - free_angles).clamp(min=0).sum(dim=1)


def cost(hands: PosedHands, goal: Goal) -> Tensor:
    """The term (B,) [rad]."""
    return approach_term(goal.upright @ hands.rotation, goal.free_angles)
