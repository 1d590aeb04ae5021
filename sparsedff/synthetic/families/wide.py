"""Wide draws: members of a family that differ as things in a shop do, not as rigid copies of each other.

Every length is drawn for itself from 0.7 to 1.5 of the mean's, joints bend, and parts that some members lack may go or
come. `vary` of parameters.py draws the near relatives.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.parameters import MOST_ANGLE_RAD, RATIO, Kind, dyed

WIDEST = 0.3
"""Largest variation; the ranges below are those of it, and shrink to nothing at 0."""
PROPORTION = (0.7, 1.5)
SCALE = (0.9, 1.1)
ANGLE_RAD = 0.8
TOPOLOGY_CHANCE = 0.5


def vary_widely(mean: Kind, rng: np.random.Generator, variation: float) -> Kind:
    """A random member that is no near copy of the mean.

    Each proportion changes by its own factor, whose logarithm is uniform over PROPORTION, the scale over SCALE. Angles
    move by up to ANGLE_RAD. A part that may be absent changes its mind with TOPOLOGY_CHANCE. What cannot be built or
    would not stand is moved to the nearest that can (`Parameters.fitted`). Colours are dyed as by `vary`.

    Args:
        mean: parameters of any family.
        rng: of everything.
        variation: 0 gives the mean itself, WIDEST the whole ranges.

    Raises:
        ConfigError: variation outside [0, 0.3].
    """
    if not 0 <= variation <= WIDEST:
        raise ConfigError(f"variation of a family must lie in [0, {WIDEST}], got {variation}")
    share = variation / WIDEST
    changes: dict[str, Any] = {}
    for entry in fields(mean):  # type: ignore[arg-type]  # the families are dataclasses
        value = getattr(mean, entry.name)
        if entry.name == "colors":
            changes[entry.name] = dyed(value, rng, min(1.5 * variation, 0.3))
        elif isinstance(value, bool):
            changes[entry.name] = value != bool(rng.random() < share * TOPOLOGY_CHANCE)
        elif entry.name.endswith("_rad"):
            moved = np.asarray(value) + share * ANGLE_RAD * rng.uniform(-1, 1, np.shape(value))
            moved = np.clip(moved, -MOST_ANGLE_RAD, MOST_ANGLE_RAD)
            changes[entry.name] = tuple(moved.tolist()) if np.ndim(moved) else float(moved)
        else:
            low, high = np.log(SCALE if entry.name == "scale" else PROPORTION)
            factor = np.exp(share * rng.uniform(low, high))
            changes[entry.name] = float(np.clip(value * factor, *RATIO))
    return replace(mean, **changes).fitted()  # type: ignore[type-var]
