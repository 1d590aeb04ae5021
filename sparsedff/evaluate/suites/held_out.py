"""`held_out`: families and surroundings that no setting was chosen by and nothing was trained on: the last table.

Run it once, for a table that is published. See sparsedff/synthetic/held_out.py.
"""

from __future__ import annotations

from dataclasses import replace

from sparsedff.evaluate.suites.base import PairSpec, Tasks, in_turn
from sparsedff.synthetic.held_out import HELD_OUT_SURROUNDINGS
from sparsedff.synthetic.pair_settings import PairSettings, Surroundings


def held_out(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """Twenty pairs a family: same object, near and wide relatives in turn, every other one in held-out surroundings."""
    pairs = []
    for family, task, seed in in_turn(tasks, 20):
        place = HELD_OUT_SURROUNDINGS[0] if seed % 2 else "table"
        around = replace(settings, around=Surroundings(place=place), yaw_deg=180.0)
        if seed % 3 == 2:
            around = replace(around, manner="wide", variation=0.3)
        kind = "same_object" if seed % 3 == 0 else "same_family"
        pairs.append(PairSpec(family, task, kind, seed, around, "held_out"))
    return tuple(pairs)
