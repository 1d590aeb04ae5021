"""TrainingSettings: what the refinement network learns from, and how."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TypeVar

from sparsedff.common.schema import key
from sparsedff.common.schema_values import check
from sparsedff.refine.losses.registry import LOSSES

Value = TypeVar("Value")


@dataclass(frozen=True)
class TrainingSettings:
    """Training data and training of the refinement network.

    The loss decides what null means for `steps`, `learning_rate` and `temperature`; see `resolved`.

    Raises:
        ConfigError: a value is out of range; names key, value and what is allowed.
    """

    path: str = key("data/refinement", "folder of training data and networks, a folder per key")
    pair_radius_m: float = key(0.01, "points of two views closer than this are one spot [m]", above=0, at_most=0.1)
    loss: str = key("field", LOSSES.meanings, choices=LOSSES.names)
    steps: int | None = key(None, "training steps at most; null = 400, published 20000", at_least=1, at_most=10_000_000)
    learning_rate: float | None = key(
        None, "Adam's step at first; null = 1e-3, published 1e-4 (mode base 1e-5)", above=0, at_most=1
    )
    temperature: float | None = key(
        None, "of the contrast; null = 0.15 typical distances, published 0.007", above=0, at_most=100
    )
    batch: int = key(256, "field: pairs a step", at_least=2, at_most=1_000_000)
    keep_distances: float = key(10.0, "field: weight of random points keeping their distance; 0 = none", at_least=0)
    mask_near: bool = key(False, "field: keys within pair_radius_m of an anchor, but its own, are no negatives of it")
    hidden_factor: int = key(4, "hidden channels per feature channel", at_least=1, at_most=64)
    head: int = key(64, "channels of the head that the published loss compares", at_least=1, at_most=4096)
    holdout_share: float = key(
        0.15, "share of points held out to decide when to stop, and as many to measure", at_least=0, at_most=0.4
    )
    holdout_block_m: float = key(0.05, "edge of the held-out regions [m]", above=0, at_most=10)
    evaluate_every: int = key(25, "steps between looks at what is held out", at_least=1)
    patience: int = key(10, "looks without improvement after which training stops; 0 = never", at_least=0)
    save_every: int = key(100, "steps after which a killed training has at most to be repeated", at_least=1)

    def __post_init__(self) -> None:
        check(self, "refinement")

    def resolved(self, mode: str) -> TrainingSettings:
        """The settings with no None left. The loss fills in what is open, and turns off what it does not use.

        Args:
            mode: of the network, one of MODES.
        """
        settings: TrainingSettings = LOSSES.load(self.loss).resolve(self, mode)
        return settings

    def recorded(self, mode: str, seed: int) -> dict[str, object]:
        """How a network was trained, for the note beside it: mode, seed and all settings but those of the data."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {"mode": mode, **{name: values[name] for name in values if name not in _OF_THE_DATA}, "seed": seed}

    def decisive(self, mode: str, seed: int) -> dict[str, object]:
        """What an interrupted training must agree on to be resumed."""
        return {name: value for name, value in self.recorded(mode, seed).items() if name != "save_every"}


_OF_THE_DATA = ("path", "pair_radius_m", "holdout_share", "holdout_block_m")


def known(value: Value | None) -> Value:
    """A setting that `TrainingSettings.resolved` has filled in."""
    assert value is not None, "the settings are not resolved"
    return value
