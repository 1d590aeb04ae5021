"""Fingers that touch where the demonstrated ones touch."""

from __future__ import annotations

import torch
from torch import Tensor

from sparsedff.transfer.terms.base import Contact, Goal, PosedHands

NEAR = 2.0
"""Hand points count up to this many times the reach; what they weigh there is exp(-4) of a touching one's."""


def contacts_of(distance: Tensor, seen: Tensor, reach_m: float) -> Contact:
    """The contact of a demonstrated hand.

    Args:
        distance: (N,) [m] of its surface points from the reference object.
        seen: (M, 3) [m] the test object.
        reach_m: points much further off than this do not count.
    """
    points = torch.nonzero(distance <= max(NEAR * reach_m, float(distance.min()) + reach_m))[:, 0]
    weights = torch.exp(-(distance[points] / reach_m).square())
    return Contact(points, distance[points], weights / weights.sum(), seen)


def gap_term(surface: Tensor, seen: Tensor, shown: Tensor, share: Tensor) -> Tensor:
    """Mean change (B,) [m] of hand points' distance from the object against the demonstration.

    Not in the paper. Off the surface the field changes little with distance, and far off it is the mean of all
    features, which can be nearer to the demonstrated ones than those of an unlike object: without this term the best
    hand may hover, or hold nothing at all.

    Args:
        surface: (B, K, 3) [m] those hand points that were near the reference object.
        seen: (M, 3) [m] points of the test object.
        shown: (K,) [m] the hand points' distances from the reference object.
        share: (K,) weights of the hand points, of sum one.
    """
    with torch.no_grad():
        nearest = torch.cdist(surface.detach(), seen.expand(len(surface), -1, -1)).argmin(dim=2)
    distance = (surface - seen[nearest]).square().sum(dim=2).add(1e-12).sqrt()
    return ((distance - shown).abs() * share).sum(dim=1)


def cost(hands: PosedHands, goal: Goal) -> Tensor:
    """The term (B,) [m]."""
    near = goal.contact.points
    return gap_term(hands.surface[:, near], goal.contact.seen, goal.contact.distances, goal.contact.share)
