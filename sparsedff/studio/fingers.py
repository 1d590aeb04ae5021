"""Which joints belong to which finger, for the sliders of a page."""

from __future__ import annotations

import numpy as np

from sparsedff.hands.closing import pads
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose

WHOLE = "Hand"
"""Heads the joints that move several fingers, or none."""


def joints_by_finger(hand: ModelHand) -> dict[str, tuple[str, ...]]:
    """Names of joints in the layout's order, by the finger that they move; fingers without one are left out."""
    halfway = hand.reachable(HandPose(np.zeros(3), np.eye(3), hand.limits_rad.mean(axis=1)))
    moves = np.abs(pads(hand, halfway)[1]).sum(axis=1) > 1e-9  # (F, J)
    for cord in hand.spec.cords:  # a cord's outer joint moves with the inner one
        moves[:, hand.layout.index(cord.outer)] = moves[:, hand.layout.index(cord.inner)]
    groups: dict[str, list[str]] = {finger.name: [] for finger in hand.spec.fingers}
    for index, name in enumerate(hand.layout.names):
        (mine,) = np.nonzero(moves[:, index])
        groups.setdefault(hand.spec.fingers[mine[0]].name if len(mine) == 1 else WHOLE, []).append(name)
    return {name: tuple(joints) for name, joints in groups.items() if joints}
