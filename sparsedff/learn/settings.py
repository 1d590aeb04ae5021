"""Settings of the training."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key
from sparsedff.common.schema_values import check


@dataclass(frozen=True)
class LearnSettings:
    """How the network of the learned backbone is trained."""

    members: int = key(60, "random members of each family", at_least=1, at_most=10_000)
    steps: int = key(4000, "training steps", at_least=1, at_most=1_000_000)
    looks: int = key(8, "clouds of a step", at_least=1, at_most=1000)
    points: int = key(224, "points of a cloud", at_least=1, at_most=100_000)
    learning_rate: float = key(1.5e-3, "AdamW's step at first; it falls along a cosine", above=0, at_most=1)
    weight_decay: float = key(0.01, "of AdamW", at_least=0, at_most=1)
    warm_up: int = key(100, "steps in which the learning rate rises", at_least=0)
    vote_weight: float = key(0.3, "share of the votes for the object's middle in the loss", at_least=0)
    seed: int = key(0, "of members, looks and the network's first weights", at_least=0)

    def __post_init__(self) -> None:
        check(self, "learn")
