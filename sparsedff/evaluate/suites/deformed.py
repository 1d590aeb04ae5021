"""`deformed`: the same plush animal in another posture: the paper's claim from rigid to deformable objects."""

from __future__ import annotations

from dataclasses import replace

from sparsedff.evaluate.suites.base import PairSpec, Tasks, in_turn
from sparsedff.synthetic.families.posture import POSABLE
from sparsedff.synthetic.pair_settings import PairSettings


def deformed(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """Twenty postures of each family whose members have joints, tasks in turn."""
    plush = {family: names for family, names in tasks.items() if family in POSABLE}
    bent = replace(settings, manner="posture")
    return tuple(
        PairSpec(family, task, "same_object", seed, bent, "deformed") for family, task, seed in in_turn(plush, 20)
    )
