"""Other postures of one plush animal: a thing that deforms, with its proportions and its coat."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.joints import JOINTS_RAD, joints_in_range

Member = TypeVar("Member")

POSABLE = ("monkey", "teddy")
"""Families whose members have joints."""


def postures(animal: Member, rng: np.random.Generator, count: int = 1, reach: float = 1.0) -> list[Member]:
    """The same animal with arms, legs, head (and tail) turned; its proportions and colours stay.

    Every joint is drawn uniformly over its range (`joints.JOINTS_RAD`).

    Args:
        animal: parameters of a member of one of POSABLE.
        rng: of everything.
        count: number of postures.
        reach: in [0, 1]; how far from the animal's posture towards the drawn one.

    Returns:
        parameters of the postures.

    Raises:
        ConfigError: the family has no joints, or reach outside [0, 1].
    """
    family = getattr(animal, "family", type(animal).__name__)
    if family not in POSABLE:
        raise ConfigError(f"{family} has no joints to bend; {' and '.join(POSABLE)} have")
    if not 0 <= reach <= 1:
        raise ConfigError(f"reach of a posture must lie in [0, 1], got {reach}")
    return [_drawn(animal, rng, reach) for _ in range(count)]


def _drawn(animal: Member, rng: np.random.Generator, reach: float) -> Member:
    changes: dict[str, Any] = {}
    for entry in fields(animal):  # type: ignore[arg-type]  # the families are dataclasses
        if entry.name in JOINTS_RAD:
            now = np.asarray(getattr(animal, entry.name))
            moved = now + reach * (rng.uniform(*JOINTS_RAD[entry.name], now.shape) - now)
            changes[entry.name] = tuple(moved.tolist()) if np.ndim(moved) else float(moved)
    bent: Member = joints_in_range(replace(animal, **changes))  # type: ignore[type-var]
    return bent if reach > 0 else animal
