"""What a training loss is: defaults of its settings, the network's start, the learning rate and the objective."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from sparsedff.refine.settings import TrainingSettings
from sparsedff.refine.training_set import TrainingSet


class Objective(Protocol):
    """What a training step asks of the network.

    An objective draws the points of a step and computes the loss of the network's outputs for them. The draw depends on
    the generator alone, so that every process of a distributed training draws the same points.
    """

    @property
    def uses_head(self) -> bool:
        """Whether the loss compares the head's output, or the features before it."""
        ...

    def draw(self, generator: torch.Generator) -> Tensor:
        """Indices (n,) int64 of the points of one step, in an order that `loss` understands."""
        ...

    def loss(self, points: Tensor, outputs: Tensor) -> Tensor:
        """The step's loss () of the outputs (n, .) for the points (n,) that `draw` gave."""
        ...


@dataclass(frozen=True)
class TrainingLoss:
    """A training loss.

    Attributes:
        resolve: (settings, mode) -> settings with no None left.
        objective: (training set, resolved settings) -> the objective.
        rate: (resolved settings, step from 0 on) -> learning rate.
        starts_at_identity: whether the network starts as one that keeps the features' differences, or at random.
    """

    resolve: Callable[[TrainingSettings, str], TrainingSettings]
    objective: Callable[[TrainingSet, TrainingSettings], Objective]
    rate: Callable[[TrainingSettings, int], float]
    starts_at_identity: bool
