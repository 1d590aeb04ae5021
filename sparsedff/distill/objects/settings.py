"""Settings of the choice of the object among the things in the workspace."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key
from sparsedff.common.schema_values import check
from sparsedff.distill.objects.choosers.registry import CHOOSERS
from sparsedff.errors import ConfigError

EVERYTHING = "all"
"""The choice not to choose."""


@dataclass(frozen=True)
class ObjectSettings:
    """How points are told apart into things, and which thing is the object.

    Raises:
        ConfigError: a value out of its range, or a choice that data1 or data2 does not allow.
    """

    choose: tuple[str, str] = key(
        ("hand", "likeness"),
        "the object of data1 and of data2; all = everything in the workspace; largest; nearest = to point; "
        "hand = held by the demonstrated hand (data1 only); likeness = most like data1's object (data2 only)",
        choices=(EVERYTHING, *CHOOSERS.names),
    )
    point: tuple[float, float] = key((0.0, 0.0), "x and y of the object on the table, for nearest [m]")
    gap_m: float = key(0.015, "points farther apart than this belong to different things [m]", above=0, at_most=0.5)
    hidden_gap_m: float = key(
        0.035, "pieces up to this far apart are one thing if no camera sees through between them [m]",
        at_least=0, at_most=0.5,
    )  # fmt: skip
    min_cells: int = key(20, "a thing that fills fewer cubes of 5 mm is a speck", at_least=1)
    flat_m: float = key(0.01, "what lies low and is flatter than this is no thing but left over [m]", at_least=0)
    low_m: float = key(0.04, "what lies below this height lies low [m]", at_least=0)

    def __post_init__(self) -> None:
        check(self, "object")
        for place, refused in enumerate(("likeness", "hand")):
            if self.choose[place] == refused:
                allowed = ", ".join(name for name in (EVERYTHING, *CHOOSERS.names) if name != refused)
                raise ConfigError(f"object.choose: {refused} is not for data{place + 1}; choose one of {allowed}")
