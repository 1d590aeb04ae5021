"""`across`: the test object is of another family that shares a part with the reference, such as a handle."""

from __future__ import annotations

from dataclasses import replace

from sparsedff.evaluate.suites.base import PairSpec, Tasks, crossing, in_turn
from sparsedff.synthetic.held_out import training_families
from sparsedff.synthetic.pair_settings import PairSettings


def across(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """As many seeds a family as give at least forty pairs."""
    can = crossing(tasks, training_families())
    each = -(-40 // max(1, len(can)))
    settings = replace(settings, new_partners=True)
    return tuple(
        PairSpec(family, task, "cross_family", seed, settings, "across") for family, task, seed in in_turn(can, each)
    )
