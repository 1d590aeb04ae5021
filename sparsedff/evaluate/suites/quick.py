"""`quick`: the first suite, kept as it was, so that old tables stay comparable."""

from __future__ import annotations

from sparsedff.evaluate.suites.base import PairSpec, Tasks, crossing
from sparsedff.synthetic.pair_settings import PairSettings

_KINDS = ("same_family", "same_object", "same_family", "same_object", "same_family", "cross_family")


def quick(tasks: Tasks, settings: PairSettings) -> tuple[PairSpec, ...]:
    """Per family three pairs of one family, two of the same object, tasks in turn, and one across families."""
    across = crossing(tasks)
    return tuple(
        PairSpec(family, allowed[seed % len(allowed)], kind, seed, settings)
        for family, names in tasks.items()
        for seed, kind in enumerate(_KINDS)
        if (allowed := across.get(family, ()) if kind == "cross_family" else names)
    )
