"""Sentences about cameras that disagree with the others: what was measured, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsedff.quality.measure import PairFacts
from sparsedff.quality.moved import Moved, Registration
from sparsedff.quality.settings import CheckSettings

AGAIN = "calibrate the cameras again (sparsedff calibrate cameras)"
_OVERLAP = 0.02  # a view that hardly overlaps another says nothing about it
_BESIDE_WORST = 0.5  # one moved camera leads the others' registration astray by less than this share of its own shift

Findings = tuple[list[str], list[str]]
"""Why a capture is of no use, and why it is doubtful."""


def overlapping(pairs: Sequence[PairFacts]) -> list[PairFacts]:
    """The pairs that say something."""
    return [pair for pair in pairs if pair.overlap > _OVERLAP]


def disagreeing(pairs: Sequence[PairFacts], what: str, limits: CheckSettings) -> Findings:
    """Cameras whose own disagreement, the median of their pairs, is too large.

    Args:
        pairs: of the points of one kind.
        what: that kind.
        limits: of what is taken.
    """
    bad, doubts = [], []
    known = overlapping(pairs)
    for serial in dict.fromkeys(pair.first for pair in pairs):
        mine = [pair for pair in known if serial in (pair.first, pair.second)]
        if not mine:
            continue
        apart = [pair.disagreement_m for pair in mine if np.isfinite(pair.disagreement_m)]
        off, share = float(np.median(apart)) if apart else 0.0, float(np.median([pair.agreeing for pair in mine]))
        said = f"{serial} disagrees with the other cameras by {1000 * off:.1f} mm on {what}, over"
        if off > limits.unusable_m:
            bad.append(f"{said} {1000 * limits.unusable_m:.0f} mm: {AGAIN}")
        elif off > limits.doubtful_m:
            doubts.append(f"{said} {1000 * limits.doubtful_m:.0f} mm: {AGAIN}")
        if share < limits.min_agreeing:
            bad.append(
                f"only {100 * share:.0f} % of what {serial} and another camera see of {what} agrees at all: a camera "
                f"has moved since the calibration; {AGAIN}"
            )
    return bad, doubts


def moved(found: Registration, limits: CheckSettings) -> Findings:
    """Cameras that do not fit the others, the worst first, and a table that is not where it should be."""
    known = [camera for camera in found.cameras if np.isfinite(camera.points_m)]
    worst = max((camera.points_m for camera in known), default=0.0)
    off = [camera for camera in known if camera.points_m > max(limits.moved_doubtful_m, _BESIDE_WORST * worst)]
    off.sort(key=lambda camera: -camera.points_m)
    bad: list[str] = []
    doubts: list[str] = []
    if len(known) == 2 and off:  # nobody has the majority
        beside = next(camera.serial for camera in known if camera is not off[0])
        said = [f"{describe(off[0])}, or {beside} is; which of the two cannot be told: {AGAIN}"]
    else:
        said = [f"{describe(camera)}: {AGAIN}" for camera in off]
    (bad if worst > limits.moved_unusable_m else doubts).extend(said)
    if found.table_off_m > limits.table_off_m:
        doubts.append(
            f"the table lies up to {1000 * found.table_off_m:.0f} mm from z = 0 and leans by "
            f"{np.rad2deg(found.table_tilt_rad):.1f} degrees: the table or all cameras have moved, or something flat "
            "covers it; find the table again (sparsedff calibrate table)"
        )
    return bad, doubts


def describe(camera: Moved) -> str:
    """Which camera is off, and by about how much."""
    return (
        f"{camera.serial} is off by about {1000 * camera.shift_m:.0f} mm and {np.rad2deg(camera.turn_rad):.1f} degrees "
        f"(its points lie {1000 * camera.points_m:.0f} mm beside the others')"
    )
