"""`field`: InfoNCE over the distances that the field compares, and a term that keeps the scale of the metric."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from sparsedff.refine.losses.base import TrainingLoss
from sparsedff.refine.settings import TrainingSettings, known
from sparsedff.refine.training_set import TrainingSet


@dataclass(frozen=True, eq=False)
class FieldObjective:
    """The default objective.

    A step draws pairs from all captures and all pairs of views with equal probability. Either end of a pair can be the
    anchor. Logits are minus the L1 distance of features, in units of the typical distance before training, over the
    temperature. The negatives of an anchor are all keys of the step that belong to the same capture. Keys of other
    captures are left out, because nobody knows which of them match: trained with them, two scenes are pushed apart and
    transfers fail. Keys within the radius of an anchor match it as well. Leaving them out (`mask_near`) changed the
    sample's held-out measures little and made its transfers worse.

    The contrast alone would let all points that are far apart become equally far. A transfer depends on how distances
    grow, so a second term penalises changes of the distance of random points. The README says what this gains.

    Attributes:
        training_set: what is learned from.
        batch: pairs a step.
        temperature: in units of the typical distance.
        keep_distances: weight of the mean change of random points' distances, in the same units.
        mask_near: whether keys within the radius are left out.
    """

    training_set: TrainingSet
    batch: int
    temperature: float
    keep_distances: float
    mask_near: bool = False

    uses_head = False

    def draw(self, generator: torch.Generator) -> Tensor:
        """Anchors, then their keys: (2 batch,) int64."""
        pairs = self.training_set.pairs
        chosen = pairs[torch.randint(len(pairs), (self.batch,), generator=generator)]
        turned = torch.rand(self.batch, generator=generator) < 0.5
        return torch.where(turned[:, None], chosen.flip(1), chosen).T.reshape(-1)

    def loss(self, points: Tensor, outputs: Tensor) -> Tensor:
        """The loss (), see the class; outputs (2 batch, C) are features."""
        t, n = self.training_set, self.batch
        anchors, keys = points[:n], points[n:]
        logits = torch.cdist(outputs[:n], outputs[n:], p=1) / (-t.features.shape[1] * t.typical * self.temperature)
        forbidden = t.scene_index[anchors][:, None] != t.scene_index[keys]
        if self.mask_near:
            forbidden |= torch.cdist(t.points[anchors], t.points[keys]) < t.radius_m
        contrast = masked_loss(logits, torch.arange(n, device=logits.device), forbidden.to(logits.device))
        if not self.keep_distances:
            return contrast
        entered = t.features[points].to(outputs)
        before, after = ((x - x.roll(1, dims=0)).abs().mean(dim=1) for x in (entered, outputs))
        return contrast + self.keep_distances * (after - before).abs().mean() / t.typical


def masked_loss(logits: Tensor, positive: Tensor, forbidden: Tensor) -> Tensor:
    """Mean cross entropy with columns left out.

    Args:
        logits: (N, M).
        positive: (N,) int64, the column that is right.
        forbidden: (N, M) bool, columns that are no negatives because their points lie on the same spot; a row's own
            positive is never left out.
    """
    keep = forbidden.scatter(1, positive[:, None], False)
    return cross_entropy(logits.masked_fill(keep, -torch.inf), positive)


def _resolve(settings: TrainingSettings, mode: str) -> TrainingSettings:
    return replace(
        settings,
        steps=settings.steps or 400,
        learning_rate=settings.learning_rate or 1e-3,
        temperature=settings.temperature or 0.15,
    )


def _objective(training_set: TrainingSet, settings: TrainingSettings) -> FieldObjective:
    s = settings
    return FieldObjective(training_set, s.batch, known(s.temperature), s.keep_distances, s.mask_near)


def _rate(settings: TrainingSettings, step: int) -> float:
    """A cosine that ends at zero."""
    return float(known(settings.learning_rate) * 0.5 * (1 + math.cos(math.pi * step / known(settings.steps))))


FIELD = TrainingLoss(_resolve, _objective, _rate, starts_at_identity=True)
