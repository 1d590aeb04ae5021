"""The least contact error that a rigid motion leaves in a pair: what a method without bending cannot go below."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.evaluate.metrics import CONTACT_M
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.synthetic.rigid_floor import rigid_floor
from sparsedff.synthetic.truth import Truth


@dataclass(frozen=True)
class Floors:
    """Contact errors [m] of two perfect rigid motions.

    Attributes:
        hand_m: of the motion that is best for the contacts themselves: no hand that keeps its joints does better.
        alignment_m: of the least-squares alignment of the whole objects: what a perfect alignment of the clouds does.
    """

    hand_m: float
    alignment_m: float


def floors_of(truth: Truth, demonstration: HandPose, hand: Hand) -> Floors:
    """Both floors of a pair.

    Raises:
        HandError: the demonstrated hand touches nothing.
    """
    contacts = demonstrated_contacts(truth, demonstration, hand)
    return Floors(rigid_floor(truth, contacts), rigid_floor(truth, contacts, whole_object=True))


def demonstrated_contacts(truth: Truth, demonstration: HandPose, hand: Hand) -> NDArray[np.float64]:
    """Points (N, 3) [m] of the demonstrated hand that touch the reference object, in the world."""
    shown = hand.surface_of(demonstration)
    return np.asarray(shown[np.abs(truth.reference.distance(shown)) < CONTACT_M], dtype=np.float64)
