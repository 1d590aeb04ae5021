"""`published`: InfoNCE as the authors train it.

Symbols: q (N, G) are anchors of one view, k (N, G) are keys of another, T is the temperature, c_i is the number of
anchor i's positives. The cross entropy of row i asks that its own key has the largest logit among all columns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from sparsedff.refine.losses.base import TrainingLoss
from sparsedff.refine.settings import TrainingSettings, known
from sparsedff.refine.training_set import TrainingSet


@dataclass(frozen=True, eq=False)
class PublishedObjective:
    """One pair of views a step, every anchor, four sampled keys each, the head's dot products.

    Attributes:
        training_set: what is learned from.
        temperature: 0.007 as published.
        draws: keys per anchor.
    """

    training_set: TrainingSet
    temperature: float
    draws: int = 4

    uses_head = True

    def draw(self, generator: torch.Generator) -> Tensor:
        """Anchors, then `draws` times a key of each; the pair of views is drawn evenly among those that overlap."""
        t = self.training_set
        ends = t.view_index[t.pairs]
        group = (t.scene_index[t.pairs[:, 0]] * t.views + ends[:, 0]) * t.views + ends[:, 1]
        groups = group.unique()
        pairs = t.pairs[group == groups[torch.randint(len(groups), (1,), generator=generator)]]
        count = len(pairs[:, 0].unique_consecutive())
        anchors, keys = sample_keys(pairs, torch.rand(self.draws, count, generator=generator))
        return torch.cat([anchors, keys.reshape(-1)])

    def loss(self, points: Tensor, outputs: Tensor) -> Tensor:
        """The loss (); outputs (n, G) are the head's."""
        every = outputs.reshape(1 + self.draws, -1, outputs.shape[1])
        return published_loss(every[0], every[1:], self.temperature)


def sample_keys(pairs: Tensor, uniforms: Tensor) -> tuple[Tensor, Tensor]:
    """Every anchor once, and for each draw one of its positives, as published.

    Args:
        pairs: (P, 2) int64 indices into two views, ordered by the first column.
        uniforms: (D, A) in [0, 1), a row a draw, a column an anchor.

    Returns:
        anchors (A,) ascending indices into the first view; keys (D, A) into the second.
    """
    anchors, counts = torch.unique_consecutive(pairs[:, 0], return_counts=True)
    first = counts.cumsum(0) - counts
    return anchors, pairs[:, 1][torch.floor(uniforms * counts).long() + first]


def published_logits(q: Tensor, k: Tensor, temperature: float) -> Tensor:
    """[q.k_0 | q.k_1 | ... ] / T, without the diagonals of all but the first: the published loss's rows.

    Args:
        q: (N, G) anchors' outputs of the head, not normalised.
        k: (D, N, G) keys' outputs, a draw of positives each.
        temperature: 0.007 as published.

    Returns:
        (N, N + (D - 1)(N - 1)); the label of row i is i.
    """
    products = torch.einsum("ng,dmg->dnm", q, k)
    away = ~torch.eye(len(q), dtype=torch.bool, device=q.device)
    others = [product[away].reshape(len(q), len(q) - 1) for product in products[1:]]
    return torch.cat([products[0], *others], dim=1) / temperature


def published_loss(q: Tensor, k: Tensor, temperature: float) -> Tensor:
    """Mean cross entropy of `published_logits`. It punishes near duplicates: keys millimetres from an anchor's own."""
    logits = published_logits(q, k, temperature)
    return cross_entropy(logits, torch.arange(len(q), device=q.device))


def _resolve(settings: TrainingSettings, mode: str) -> TrainingSettings:
    return replace(
        settings,
        steps=settings.steps or 20_000,
        learning_rate=settings.learning_rate or (1e-5 if mode == "base" else 1e-4),
        temperature=settings.temperature or 0.007,
        patience=0,  # the published training never stops early
    )


def _objective(training_set: TrainingSet, settings: TrainingSettings) -> PublishedObjective:
    return PublishedObjective(training_set, known(settings.temperature))


def _rate(settings: TrainingSettings, step: int) -> float:
    """Times 0.9 every 5000 steps."""
    return float(known(settings.learning_rate) * 0.9 ** (step // 5000))


PUBLISHED = TrainingLoss(_resolve, _objective, _rate, starts_at_identity=False)
