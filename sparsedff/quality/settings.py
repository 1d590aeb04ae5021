"""Settings of the checks: from which figures on a capture is doubtful or of no use."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key


@dataclass(frozen=True)
class CheckSettings:
    """When a capture is doubtful or of no use."""

    gate_m: float = key(0.05, "readings of two views further apart are an occlusion, not an error [m]", above=0)
    doubtful_m: float = key(0.01, "views that disagree by more are doubtful (median) [m]", above=0)
    unusable_m: float = key(0.02, "views that disagree by more are of no use (median) [m]", above=0)
    min_agreeing: float = key(
        0.5, "share of the points in sight of two views that must agree within the gate", at_least=0, at_most=1
    )
