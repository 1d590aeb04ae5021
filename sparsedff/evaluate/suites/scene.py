"""`scene`: the test object among other things, hidden from some cameras, on another table in other light."""

from __future__ import annotations

from dataclasses import replace

from sparsedff.evaluate.suites.base import PairSpec, Tasks, in_turn
from sparsedff.synthetic.pair_settings import PairSettings, Surroundings


def scene(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """Four pairs a family, same object and relative in turn: two to five other things, none to two hidden cameras."""
    return tuple(
        PairSpec(
            family,
            task,
            ("same_object", "same_family")[seed % 2],
            seed,
            replace(settings, around=Surroundings(2 + seed % 4, seed % 3, tables=True, lights=True)),
            "scene",
        )
        for family, task, seed in in_turn(tasks, 4)
    )
