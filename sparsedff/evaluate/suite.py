"""Which pairs of scenes a benchmark runs: named, fixed lists, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.cross_family import partners
from sparsedff.synthetic.pairs import KINDS


@dataclass(frozen=True)
class PairSpec:
    """One pair of scenes and the grasp to carry from the first to the second.

    Attributes:
        family: of both objects.
        task: what the demonstrated grasp holds, such as `body` or `handle`.
        kind: one of KINDS.
        seed: of the members, their places, the sensors' noise and the optimiser.
    """

    family: str
    task: str
    kind: str
    seed: int

    @property
    def name(self) -> str:
        """Unique in a suite; also the name of the pair's files."""
        return f"{self.family}-{self.task}-{self.kind}-{self.seed}"


def make_suite(name: str, tasks: dict[str, tuple[str, ...]]) -> tuple[PairSpec, ...]:
    """The pairs of a suite.

    `quick`: per family three pairs of one family, two of the same object, tasks in turn, and one across families.
    `full`: every task of every family, ten pairs of each kind. What no other family can take has no pair across.

    Args:
        name: quick or full.
        tasks: the tasks of each family.

    Raises:
        ConfigError: there is no such suite.
    """
    crossing = {family: tuple(task for task in names if partners(family, task)) for family, names in tasks.items()}
    if name == "quick":
        kinds = ("same_family", "same_object", "same_family", "same_object", "same_family", "cross_family")
        return tuple(
            PairSpec(family, allowed[seed % len(allowed)], kind, seed)
            for family, names in tasks.items()
            for seed, kind in enumerate(kinds)
            if (allowed := crossing[family] if kind == "cross_family" else names)
        )
    if name == "full":
        return tuple(
            PairSpec(family, task, kind, seed)
            for family, names in tasks.items()
            for task in names
            for kind in KINDS
            for seed in range(10)
            if kind != "cross_family" or task in crossing[family]
        )
    raise ConfigError(f"suite: must be one of quick, full, got {name!r}")
