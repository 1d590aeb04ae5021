"""`hard`: relatives with other proportions, turned any way, some of them lying: a rigid motion does not fit them."""

from __future__ import annotations

from dataclasses import replace

from sparsedff.evaluate.suites.base import PairSpec, Tasks, in_turn
from sparsedff.synthetic.pair_settings import PairSettings


def hard(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """Five wide relatives a family, yaw over the full turn, every fifth object on its side."""
    wide = replace(settings, manner="wide", variation=0.3, yaw_deg=180.0)
    return tuple(
        PairSpec(family, task, "same_family", seed, replace(wide, lying_share=float(seed % 5 == 4)), "hard")
        for family, task, seed in in_turn(tasks, 5)
    )
