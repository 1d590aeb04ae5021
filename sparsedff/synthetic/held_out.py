"""What is held out: families and surroundings that serve for the last table only.

No setting is chosen by them and nothing is trained on them. Once a number of theirs has been looked at to decide
something, they are held out no longer, and others must be made. `tests/synthetic/test_held_out.py` refuses any use in
code that trains or tunes; such code takes its families from `training_families` and its places from `training_places`.
"""

from __future__ import annotations

from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.rendering.places import PLACES

HELD_OUT_FAMILIES = ("hammer", "jug")
HELD_OUT_SURROUNDINGS = ("breakfast",)
"""Places of `Surroundings.place`."""


def training_families() -> tuple[str, ...]:
    """Families by which settings may be chosen and networks trained."""
    return tuple(name for name in FAMILIES if name not in HELD_OUT_FAMILIES)


def training_places() -> tuple[str, ...]:
    """Places (`Surroundings.place`) by which settings may be chosen and networks trained."""
    return tuple(name for name in PLACES.names if name not in HELD_OUT_SURROUNDINGS)
