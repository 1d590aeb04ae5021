"""Joints near the ends of their range."""

from __future__ import annotations

from torch import Tensor

from sparsedff.transfer.terms.base import Goal, PosedHands


def joint_limit_term(joints: Tensor, limits: Tensor, margin: float = 0.05) -> Tensor:
    """Mean squared intrusion (B,) of joints (B, J) [rad] into the outer `margin` share of their range (J, 2) [rad].

    The sigmoid keeps joints inside their limits; this keeps them off the stops, where its gradient vanishes.
    """
    position = (joints - limits[:, 0]) / (limits[:, 1] - limits[:, 0])
    intrusion = (margin - position).clamp(min=0) + (position - 1 + margin).clamp(min=0)
    return (intrusion / margin).square().mean(dim=1)


def cost(hands: PosedHands, goal: Goal) -> Tensor:
    """The term (B,)."""
    return joint_limit_term(hands.joints, goal.hand.joint_limits)
