"""When a grasp counts as held at the right place, the benchmark's headline."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key
from sparsedff.common.schema_values import check


@dataclass(frozen=True)
class JudgeSettings:
    """Thresholds of the headline, and how robustness is tested.

    A true grasp of the committed references commands less than 1 mm of penetration and stays 10 mm above the table. The
    limit on penetration is that of a lift trial (`physics.depth_limit_m`): a thumb presses in 4 mm at 20 N. A path may
    touch the table, and so 2 mm under it are forgiven.

    Raises:
        ConfigError: a number out of its range.
    """

    contact_m: float = key(0.02, "contact points must have landed this near to where they belong [m]", above=0)
    turn_deg: float = key(
        30.0, "the contacts as a whole may be turned by this against where they belong [deg]", above=0, at_most=180
    )
    penetration_m: float = key(0.006, "deepest that the commanded hand may lie in the true object [m]", at_least=0)
    under_table_m: float = key(0.002, "deepest that the commanded hand may lie under the table [m]", at_least=0)
    path_end_m: float = key(
        0.03, "the path counts as commanded from where the palm is this near to the grasp [m]", at_least=0
    )
    robust_lifts: int = key(
        5, "lifts with the object off, in so many even directions; 0 = none", at_least=0, at_most=100
    )
    robust_offset_m: float = key(0.01, "how far the object is off in these lifts [m]", at_least=0, at_most=0.1)

    def __post_init__(self) -> None:
        check(self, "judge")
