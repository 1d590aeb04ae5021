"""PruningSettings: which rule thins a feature cloud, and its thresholds."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key
from sparsedff.common.schema_values import check
from sparsedff.distill.pruning.registry import RULES

AUTO = "auto"


@dataclass(frozen=True)
class PruningSettings:
    """How the feature cloud is thinned.

    Raises:
        ConfigError: a value is out of range; names key, value and what is allowed.
    """

    method: str = key(
        AUTO,
        "pruning of the feature cloud; auto = vote_3D for features of foundation models, raw for the package's own",
        choices=(AUTO, *RULES.names),
    )
    dis_threshold: float = key(0.1, "farthest that points of two views may match [m]", above=0, at_most=10)
    quotient_threshold: float = key(0.8, "quotient_match: nearest over second nearest distance", above=0, at_most=1)
    keep_fraction: float = key(0.8, "vote_3D: share of points, those with most votes, that stay", above=0, at_most=1)

    def __post_init__(self) -> None:
        check(self, "pruning")
