"""Hand inside the object or the table."""

from __future__ import annotations

from torch import Tensor

from sparsedff.transfer.terms.base import Goal, PosedHands


def penetration_term(object_distances: Tensor, surface: Tensor) -> Tensor:
    """How far the hand reaches into object and table (B,) [m].

    The deepest object point inside the hand, plus the mean depth of all that are inside (which tells the optimiser in
    which direction most of the object lies), plus the deepest hand point under the table plane z = 0.

    Args:
        object_distances: (B, M) [m] signed distance of the object's points to the hand.
        surface: (B, N, 3) [m] hand points.
    """
    inside = (-object_distances).clamp(min=0)
    under_table = (-surface[..., 2]).clamp(min=0).amax(dim=1)
    return inside.amax(dim=1) + inside.mean(dim=1) + under_table


def cost(hands: PosedHands, goal: Goal) -> Tensor:
    """The term (B,) [m]."""
    return penetration_term(goal.hand.distance(hands.links, goal.object_points), hands.surface)
