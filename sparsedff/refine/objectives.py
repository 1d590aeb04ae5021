"""What a training step asks of the network: the published question, and the field's own.

An objective draws the points of a step and judges the network's answers. The draw depends on the generator alone, so
that every process of a distributed training draws the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from sparsedff.refine.losses import masked_loss, published_loss, sample_keys
from sparsedff.refine.material import Material


class Objective(Protocol):
    """A way to train."""

    @property
    def uses_head(self) -> bool:
        """Whether it judges the head's output, or the features before it."""
        ...

    def draw(self, generator: torch.Generator) -> Tensor:
        """(n,) int64, the points of one step, in an order that `loss` understands."""
        ...

    def loss(self, points: Tensor, outputs: Tensor) -> Tensor:
        """The step's loss () of the outputs (n, .) for the points that `draw` gave."""
        ...


@dataclass(frozen=True, eq=False)
class FieldObjective:
    """The default. InfoNCE over the distances that the field compares, and a hold on the scale of the metric.

    A step draws pairs of all captures and all pairs of views alike, either end being the anchor. Logits are minus the
    L1 distance of features, in units of the typical distance before training, over the temperature. All keys of the
    step are negatives of an anchor but those of other captures, of which nobody knows what belongs to it; trained with
    them, two scenes are pushed apart and transfers fail. Keys within the radius of an anchor belong to it as well.
    Leaving them out (`mask_near`) changed the sample's held-out measures little and made its transfers worse.

    The loss alone would let all that is far apart become equally far, and a transfer lives on how distances grow: so
    the distance of random points may not change. What this buys is in the README.

    Attributes:
        material: what is learned.
        batch: pairs a step.
        temperature: in units of the typical distance.
        keep_distances: weight of the mean change of random points' distances, in the same units.
        mask_near: whether keys within the radius are left out.
    """

    material: Material
    batch: int
    temperature: float
    keep_distances: float
    mask_near: bool = False

    uses_head = False

    def draw(self, generator: torch.Generator) -> Tensor:
        """Anchors, then their keys."""
        pairs = self.material.pairs
        chosen = pairs[torch.randint(len(pairs), (self.batch,), generator=generator)]
        turned = torch.rand(self.batch, generator=generator) < 0.5
        return torch.where(turned[:, None], chosen.flip(1), chosen).T.reshape(-1)

    def loss(self, points: Tensor, outputs: Tensor) -> Tensor:
        """See the class; outputs are features."""
        m, n = self.material, self.batch
        anchors, keys = points[:n], points[n:]
        logits = torch.cdist(outputs[:n], outputs[n:], p=1) / (-m.features.shape[1] * m.typical * self.temperature)
        forbidden = m.scene_index[anchors][:, None] != m.scene_index[keys]
        if self.mask_near:
            forbidden |= torch.cdist(m.points[anchors], m.points[keys]) < m.radius_m
        contrast = masked_loss(logits, torch.arange(n, device=logits.device), forbidden.to(logits.device))
        if not self.keep_distances:
            return contrast
        entered = m.features[points].to(outputs)
        before, after = ((x - x.roll(1, dims=0)).abs().mean(dim=1) for x in (entered, outputs))
        return contrast + self.keep_distances * (after - before).abs().mean() / m.typical


@dataclass(frozen=True, eq=False)
class PublishedObjective:
    """The published loss: one pair of views a step, every anchor, four sampled keys each, the head's dot products.

    Attributes:
        material: what is learned.
        temperature: 0.007 as published.
        draws: keys per anchor.
    """

    material: Material
    temperature: float
    draws: int = 4

    uses_head = True

    def draw(self, generator: torch.Generator) -> Tensor:
        """Anchors, then `draws` times a key of each; the pair of views is drawn evenly among those that overlap."""
        m = self.material
        ends = m.view_index[m.pairs]
        group = (m.scene_index[m.pairs[:, 0]] * m.views + ends[:, 0]) * m.views + ends[:, 1]
        groups = group.unique()
        pairs = m.pairs[group == groups[torch.randint(len(groups), (1,), generator=generator)]]
        count = len(pairs[:, 0].unique_consecutive())
        anchors, keys = sample_keys(pairs, torch.rand(self.draws, count, generator=generator))
        return torch.cat([anchors, keys.reshape(-1)])

    def loss(self, points: Tensor, outputs: Tensor) -> Tensor:
        """See the class; outputs are the head's."""
        every = outputs.reshape(1 + self.draws, -1, outputs.shape[1])
        return published_loss(every[0], every[1:], self.temperature)
