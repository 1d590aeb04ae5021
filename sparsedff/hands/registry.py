"""The hands there are. A hand is built from its settings: `HANDS.load(name)(settings, seed, device)`."""

from __future__ import annotations

from typing import Protocol

import torch

from sparsedff.common.registry import Entry, Registry
from sparsedff.hands.base import Hand
from sparsedff.hands.layout import JointLayout
from sparsedff.hands.settings import HandSettings


class HandKind(Protocol):
    """What makes a hand: usually its class.

    Attributes:
        layout: the joints in file order, known before a hand is built.
    """

    layout: JointLayout

    def __call__(self, settings: HandSettings, seed: int, device: torch.device) -> Hand:
        """The hand; the seed is that of the surface sampling."""
        ...


HANDS: Registry[HandKind] = Registry(
    "hand",
    Entry("hand", "sparsedff.hands.shadow.hand:ShadowHand", "the Shadow Hand, 22 joints"),
)
