"""How a network is trained: settings as values, and the learning rate they mean."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Settings of one training.

    Attributes:
        mode: of the network, one of MODES.
        loss: field (ours) or published.
        steps: at most this many.
        learning_rate: Adam's at first.
        temperature: of the loss.
        batch: pairs a step, of the field's loss.
        keep_distances, mask_near: see `FieldObjective`.
        hidden_factor: hidden channels per feature channel.
        head: channels of the head.
        evaluate_every: steps between looks at the held-out regions.
        patience: looks without improvement after which training stops; 0 = never.
        save_every: steps between saves of the state that an interrupted training goes on from.
        seed: of everything random.
    """

    mode: str
    loss: str
    steps: int
    learning_rate: float
    temperature: float
    batch: int
    keep_distances: float
    mask_near: bool = False
    hidden_factor: int = 4
    head: int = 64
    evaluate_every: int = 25
    patience: int = 10
    save_every: int = 100
    seed: int = 0

    def rate(self, step: int) -> float:
        """Learning rate of a step from 0 on: a cosine to zero; for the published loss x 0.9 every 5000 steps."""
        if self.loss == "published":
            return float(self.learning_rate * 0.9 ** (step // 5000))
        return float(self.learning_rate * 0.5 * (1 + math.cos(math.pi * step / self.steps)))

    @property
    def decides_training(self) -> dict[str, object]:
        """What an interrupted training must agree on to go on."""
        return {name: value for name, value in vars(self).items() if name != "save_every"}
