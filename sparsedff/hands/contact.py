"""How near the links of a posed hand come to an object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose

TOUCHING_M = 0.01
"""A link touches where it comes nearer than this [m]; the spacing of the points seen allows no finer word."""


@dataclass(frozen=True)
class LinkContact:
    """A link that touches the shown object, and what it does on the new one.

    Attributes:
        link: its name.
        shown_m: least distance to the points seen of the shown object [m]; negative inside.
        found_m: the same of the transferred hand and the new object.
    """

    link: str
    shown_m: float
    found_m: float


def link_gaps(hand: Hand, pose: HandPose, points: NDArray[np.floating]) -> dict[str, float]:
    """Least signed distance [m] of every link with a collision shape to points (N, 3) [m]; negative inside."""
    where = torch.tensor(np.asarray(points), device=hand.device, dtype=hand.dtype)
    with torch.no_grad():
        nearest = hand.distances(hand.world_from_links(*hand.pose_tensors(pose)), where)[0].amin(dim=1)
    gaps: dict[str, float] = {}
    for link, gap in zip(hand.primitive_links, nearest.tolist(), strict=True):
        gaps[link] = min(gap, gaps.get(link, gap))
    return gaps


def contacts(
    hand: Hand, shown: tuple[HandPose, NDArray[np.floating]], found: tuple[HandPose, NDArray[np.floating]]
) -> tuple[LinkContact, ...]:
    """The links that touch the shown object, with their gaps there and on the new object.

    Args:
        hand: the end effector.
        shown, found: a pose and the points (N, 3) [m] seen of its object.
    """
    before, after = link_gaps(hand, *shown), link_gaps(hand, *found)
    return tuple(LinkContact(link, gap, after[link]) for link, gap in before.items() if gap < TOUCHING_M)
