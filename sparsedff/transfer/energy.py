"""The energy of hands in a test scene: the weighted sum of the registered terms (docs/method.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from sparsedff.errors import TransferError
from sparsedff.transfer.terms.base import Goal, PosedHands, Term
from sparsedff.transfer.terms.registry import TERMS


@dataclass(frozen=True, eq=False)
class Energy:
    """What the optimiser minimises.

    Attributes:
        goal: what the hands are to reach.
        weights: of the terms by name; a term without a weight, or with weight zero, is left out.

    Raises:
        TransferError: all weights are zero.
    """

    goal: Goal
    weights: Mapping[str, float]
    _costs: dict[str, Term] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        chosen = {name: TERMS.load(name) for name in TERMS.names if self.weights.get(name)}
        if not chosen:
            raise TransferError("alignment.weights: all are zero, so there is nothing to minimise; set one above zero")
        object.__setattr__(self, "_costs", chosen)

    def terms(
        self,
        translation: Tensor,
        rotation: Tensor,
        joints: Tensor,
        jitter: Tensor | None = None,
        focused: bool = True,
    ) -> dict[str, Tensor]:
        """Unweighted terms by name, each (B,).

        Args:
            translation: (B, 3) [m], rotation: (B, 3, 3), joints: (B, J) [rad] of the palm and the fingers.
            jitter: (B, N, 3) [m] added to the surface points where the field is asked.
            focused: whether points near the contacts count more.
        """
        hand = self.goal.hand
        links = hand.world_from_links(translation, rotation, joints)
        surface = hand.surface(links)
        queries = surface if jitter is None else surface + jitter
        hands = PosedHands(rotation, joints, links, surface, queries, focused)
        return {name: cost(hands, self.goal) for name, cost in self._costs.items()}

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """(B,) weighted sum."""
        return torch.stack([self.weights[name] * value for name, value in terms.items()]).sum(dim=0)
