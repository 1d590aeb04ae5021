"""The verdict of the headline: held at the right place, or why not."""

from __future__ import annotations

import math

from sparsedff.judge.commanded import Commanded
from sparsedff.judge.settings import JudgeSettings


def misplaced(held: bool, contact_m: float, turn_rad: float, commanded: Commanded, settings: JudgeSettings) -> str:
    """Why a grasp is not held at the right place, all reasons with their figures; empty if it is.

    Args:
        held: as the lift trial says.
        contact_m: contact error [m].
        turn_rad: how far the contacts as a whole are turned against the truth [rad].
        commanded: depths of the commanded hand.
        settings: thresholds.
    """
    reasons = []
    if not held:
        reasons.append("not held")
    if not contact_m < settings.contact_m:
        reasons.append(f"contacts {100 * contact_m:.1f} cm off")
    if not math.degrees(turn_rad) < settings.turn_deg:
        reasons.append(f"contacts turned by {math.degrees(turn_rad):.0f} degrees")
    if not commanded.penetration_m < settings.penetration_m:
        reasons.append(f"commanded {1000 * commanded.penetration_m:.0f} mm into the object")
    if not commanded.under_table_m <= settings.under_table_m:
        reasons.append(f"commanded {1000 * commanded.under_table_m:.0f} mm under the table")
    return "; ".join(reasons)
