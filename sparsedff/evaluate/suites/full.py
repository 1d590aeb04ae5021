"""`full`: everything there is."""

from __future__ import annotations

from sparsedff.evaluate.suites.base import PairSpec, Tasks, crossing
from sparsedff.evaluate.suites.registry import SUITES
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.synthetic.pairs import KINDS


def full(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """Every task of every family with ten pairs of each kind, and the pairs of the suites with scenes of their own."""
    across = crossing(tasks)
    plain = tuple(
        PairSpec(family, task, kind, seed, settings)
        for family, names in tasks.items()
        for task in names
        for kind in KINDS
        for seed in range(10)
        if kind != "cross_family" or task in across.get(family, ())
    )
    others = (name for name in SUITES.names if name not in ("quick", "full", "held_out"))
    return plain + tuple(pair for name in others for pair in SUITES.load(name)(tasks, settings))
