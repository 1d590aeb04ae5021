"""Settings of a transfer: the field, the energy and the optimiser."""

from __future__ import annotations

from dataclasses import asdict, dataclass, make_dataclass
from typing import Any

from sparsedff.common.schema import key, section
from sparsedff.errors import ConfigError
from sparsedff.transfer.terms.registry import TERMS


@dataclass(frozen=True)
class FieldSettings:
    """The feature field."""

    power: float = key(4.0, "exponent of the inverse distance; 2 = as published, 4 = more local", at_least=1, at_most=8)
    rank: int | None = key(
        None,
        "factor features to this rank; null = exact up to 128 channels, else as rank_error allows",
        at_least=1,
        at_most=4096,
    )
    rank_error: float = key(0.05, "what factoring may change, as a share of the features' spread", above=0, at_most=1)
    max_points: int = key(6000, "a larger feature cloud is thinned evenly to this many points", at_least=10)


Weights: Any = make_dataclass(
    "Weights",
    [(term.name, float, key(getattr(term, "weight"), term.meaning, at_least=0)) for term in TERMS],  # noqa: B009
    frozen=True,
)
"""Weights of the energy's terms, a key for each that is registered."""
Weights.__module__ = __name__  # so that it can be pickled for worker processes


@dataclass(frozen=True)
class AlignmentSettings:
    """The optimisation of the hand's pose.

    Raises:
        ConfigError: settings that contradict each other.
    """

    opt_iterations: int = key(150, "optimisation steps", at_least=1, at_most=1_000_000)
    start_orientations: str = key(
        "demonstration",
        "demonstration = as shown, all around the vertical; yaws = palm down, all around; paper = palm down, one yaw",
        choices=("demonstration", "yaws", "paper"),
    )
    yaws: int = key(12, "yaw angles among the starts, evenly around the vertical", at_least=1, at_most=3600)
    starts: int = key(12, "hands optimised at the same time", at_least=1, at_most=10_000)
    start_back_off_m: tuple[float, float] = key(
        (0.0, 0.08), "[min, max] of starts from the demonstrated place, along the back of the hand [m]", at_least=0
    )
    aligned_start: bool = key(True, "more starts: the hand moved by rigid alignments of both clouds' features")
    aligned_reaches_m: tuple[float, ...] = key(
        (0.02, 0.04),
        "beside the whole object, the part within these distances of the demonstrated hand is aligned [m]",
        above=0,
    )
    aligned_caution: float = key(
        0.5, "learning rates of the aligned starts, as a share of the others'", above=0, at_most=1
    )
    aligned_margin: float = key(
        0.1, "the best aligned start wins unless another's energy is lower by this share", at_least=0, at_most=1
    )
    start_height_m: tuple[float, float] = key(
        (0.2, 0.3), "the same for yaws and paper: over the object's top [m]", at_least=0
    )
    learning_rate: float = key(0.01, "Adam's step for the palm at first [m and rad]", above=0, at_most=10)
    joint_learning_rate: float = key(0.05, "Adam's step for the joints at first", above=0, at_most=10)
    final_learning_rate: float = key(1e-4, "Adam's step at the end, reached along a cosine", above=0, at_most=10)
    jitter_m: float = key(0.001, "noise on surface points at first, halved each step [m]", at_least=0, at_most=0.1)
    drop_at: tuple[int, ...] = key((15, 50), "steps at which the worst starts are given up", at_least=1, order="rising")
    keep_starts: tuple[int, ...] = key((6, 2), "how many starts stay after each drop_at", at_least=1, order="falling")
    focus_at: int | None = key(
        25,
        "step from which hand points near the contacts count more; 0 = always, null or opt_iterations and more = never",
        at_least=0,
    )
    focus_distance_m: float = key(0.02, "hand points much further from the reference then count a tenth [m]", above=0)
    weights: Weights = section(Weights, "weights of the energy's terms")
    approach_free_angle_deg: float = key(30.0, "tilt of the palm that costs nothing [deg]", at_least=0, at_most=180)
    free_demonstrated_tilt: bool = key(True, "the demonstration's own tilt costs nothing either; false = as published")

    def __post_init__(self) -> None:
        if len(self.drop_at) != len(self.keep_starts):
            raise ConfigError(
                f"alignment.keep_starts: {list(self.keep_starts)} must have as many numbers as drop_at "
                f"{list(self.drop_at)}"
            )
        if self.keep_starts and self.keep_starts[0] > self.starts:
            raise ConfigError(f"alignment.keep_starts: keeps {self.keep_starts[0]}, but there are {self.starts} starts")
        if self.start_height_m[0] > self.start_height_m[1]:
            raise ConfigError(f"alignment.start_height_m: {list(self.start_height_m)} is not allowed; min is above max")
        if self.final_learning_rate > min(self.learning_rate, self.joint_learning_rate):
            raise ConfigError(
                f"alignment.final_learning_rate: {self.final_learning_rate:g} is above the first; it must be at most "
                f"{min(self.learning_rate, self.joint_learning_rate):g}"
            )

    @property
    def first_focused_step(self) -> int | None:
        """The step from which points near the contacts count more; None if there is no such step."""
        return None if self.focus_at is None or self.focus_at >= self.opt_iterations else self.focus_at

    @property
    def term_weights(self) -> dict[str, float]:
        """Weights of the terms by name."""
        return asdict(self.weights)
