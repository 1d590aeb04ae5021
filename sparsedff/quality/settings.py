"""Settings of the checks: from which figures on a capture is doubtful or of no use."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.schema import key


@dataclass(frozen=True)
class CheckSettings:
    """When a capture is doubtful or of no use."""

    gate_m: float = key(0.05, "readings of two views further apart are an occlusion, not an error [m]", above=0)
    doubtful_m: float = key(
        0.01, "a camera whose depth disagrees by more is doubtful (median of its pairs) [m]", above=0
    )
    unusable_m: float = key(0.02, "a camera whose depth disagrees by more is of no use (same) [m]", above=0)
    min_agreeing: float = key(
        0.5, "share of the points in sight of two views that must agree within the gate", at_least=0, at_most=1
    )
    moved_doubtful_m: float = key(0.006, "a camera whose points must be moved by more to fit is doubtful [m]", above=0)
    moved_unusable_m: float = key(0.012, "a camera whose points must be moved by more is of no use [m]", above=0)
    table_off_m: float = key(0.006, "a table further from z = 0 than this is doubtful [m]", above=0)
    contradicted_doubtful: float = key(
        0.06, "share of the object that a camera and the others show in different places, doubtful", at_least=0
    )
    contradicted_unusable: float = key(0.3, "the same, of no use", at_least=0)
    min_points: int = key(60, "an object with fewer points in its cloud is doubtful", at_least=0)
    hand_off_doubtful_m: float = key(0.02, "a demonstrated hand further from the object is doubtful [m]", at_least=0)
    hand_off_refused_m: float = key(0.1, "a demonstrated hand further from the object is refused [m]", at_least=0)
    hand_inside_doubtful_m: float = key(0.02, "a demonstrated hand deeper in the object is doubtful [m]", at_least=0)
    hand_inside_refused_m: float = key(0.03, "a demonstrated hand deeper in the object is refused [m]", at_least=0)
    unlike_doubtful: float = key(
        0.75, "what the hand holds is doubtful if its features match nothing better than this (1 = chance)", at_least=0
    )
