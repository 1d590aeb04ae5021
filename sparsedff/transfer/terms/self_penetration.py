"""Links of the hand inside each other."""

from __future__ import annotations

from torch import Tensor

from sparsedff.transfer.terms.base import Goal, PosedHands


def cost(hands: PosedHands, goal: Goal) -> Tensor:
    """Total depth (B,) [m], see `Hand.self_penetration`."""
    return goal.hand.self_penetration(hands.links)
