"""PairSpec: one pair of a suite. A suite is a function from the families' tasks to pairs, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sparsedff.synthetic.families.cross_family import partners
from sparsedff.synthetic.families.registry import FIRST_FAMILIES
from sparsedff.synthetic.pair_settings import PairSettings

Tasks = Mapping[str, tuple[str, ...]]
"""The tasks of each family."""


@dataclass(frozen=True)
class PairSpec:
    """One pair of scenes and the grasp to carry from the first to the second.

    Attributes:
        family: of the reference object.
        task: what the demonstrated grasp holds, such as `body` or `handle`.
        kind: one of KINDS (synthetic/pairs.py).
        seed: of the members, their places, the sensors' noise and the optimiser.
        settings: how the scenes are made.
        suite: which suite's scenes they are; empty for the plain ones of `quick` and `full`.
    """

    family: str
    task: str
    kind: str
    seed: int
    settings: PairSettings = field(default_factory=PairSettings)
    suite: str = ""

    @property
    def name(self) -> str:
        """Unique among all suites; also the name of the pair's files."""
        return f"{self.suite + '-' if self.suite else ''}{self.family}-{self.task}-{self.kind}-{self.seed}"


Suite = Callable[[Tasks, PairSettings], tuple[PairSpec, ...]]
"""Makes the pairs of a suite for these tasks; the settings are the configuration's, of which a suite changes some."""


def in_turn(tasks: Tasks, each: int) -> Iterator[tuple[str, str, int]]:
    """(family, task, seed) with `each` seeds a family, its tasks in turn."""
    for family, names in tasks.items():
        for seed in range(each):
            yield family, names[seed % len(names)], seed


def crossing(tasks: Tasks, among: Sequence[str] = FIRST_FAMILIES) -> dict[str, tuple[str, ...]]:
    """The tasks of each family that another family, of those `among`, can take; families without any are left out."""
    can = {family: tuple(task for task in names if partners(family, task, among)) for family, names in tasks.items()}
    return {family: names for family, names in can.items() if names}
