"""Joints away from the demonstrated ones."""

from __future__ import annotations

from torch import Tensor

from sparsedff.transfer.terms.base import Goal, PosedHands


def posture_term(joints: Tensor, demonstrated: Tensor, limits: Tensor) -> Tensor:
    """Mean squared change (B,) of joints (B, J) from the demonstrated (J,) [rad], as shares of their range (J, 2).

    Not in the paper. Off the surface the field changes little with distance, so fingers may open by a centimetre for
    nothing; this keeps the demonstrated hand unless the features ask for another.
    """
    return ((joints - demonstrated) / (limits[:, 1] - limits[:, 0])).square().mean(dim=1)


def cost(hands: PosedHands, goal: Goal) -> Tensor:
    """The term (B,)."""
    return posture_term(hands.joints, goal.posture, goal.hand.joint_limits)
