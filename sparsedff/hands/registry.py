"""The hands there are. A hand is built from its settings: `HANDS.load(name)(settings, seed, device)`; see base.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparsedff.common.registry import Entry, Registry

if TYPE_CHECKING:  # the configuration takes the names from here, and needs no torch
    from sparsedff.hands.base import HandKind

HANDS: Registry[HandKind] = Registry(
    "hand",
    Entry("hand", "sparsedff.hands.shadow.hand:ShadowHand", "the Shadow Hand, 22 joints"),
)
