"""`hard`: relatives with other proportions, turned any way, lying, tilted, some of which no rigid motion fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sparsedff.evaluate.suites.base import PairSpec, Tasks, in_turn
from sparsedff.evaluate.suites.steep import STEEP, WIDE
from sparsedff.synthetic.pair_settings import PairSettings

_EACH = 4
_RESTING = (1, 3)
"""Of the seeds of a family, those whose objects rest another way than upright."""


def hard(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """Four wide relatives a family, yaw over the full turn, two of them lying or tilted; then the steep ones."""
    wide = replace(settings, manner=WIDE.manner, variation=WIDE.variation, yaw_deg=WIDE.yaw_deg)
    plain = (
        PairSpec(family, task, "same_family", seed, replace(wide, lying_share=float(seed in _RESTING)), "hard")
        for family, task, seed in in_turn(tasks, _EACH)
    )
    return (*plain, *(PairSpec(*pair, wide, "hard") for pair in _steep(tasks)))


def _steep(tasks: Tasks) -> Iterator[tuple[str, str, str, int]]:
    for family, names in tasks.items():
        for task in names:
            for seed in STEEP.get((family, task), ()):
                yield family, task, "same_family", seed
