"""What the measures mean: lines to read, doubts, and the reason why a capture is of no use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparsedff.quality.measure import PairFacts, ViewFacts
from sparsedff.quality.settings import CheckSettings

USABLE, DOUBTFUL, UNUSABLE = "usable", "doubtful", "unusable"


@dataclass(frozen=True)
class Verdict:
    """What is to be thought of a capture.

    Attributes:
        word: usable, doubtful or unusable.
        disagreement_m: median over all pairs of views [m]; NaN with one view, or where no two overlap.
        reasons: sentences, those of the word first.
    """

    word: str
    disagreement_m: float
    reasons: tuple[str, ...]


def judge(views: list[ViewFacts], pairs: list[PairFacts], no_object: str | None, limits: CheckSettings) -> Verdict:
    """Weigh the facts.

    Args:
        views, pairs: the measures.
        no_object: why no object was found; None if one was.
        limits: of what is taken.
    """
    # A view that hardly overlaps another says nothing about it.
    overlapping = [pair for pair in pairs if pair.overlap > 0.02]
    known = [pair.disagreement_m for pair in overlapping if np.isfinite(pair.disagreement_m)]
    apart = float(np.median(known)) if known else float("nan")
    bad, doubts = [], []
    if no_object is not None:
        bad.append(no_object)
    if all(view.in_workspace == 0 for view in views):
        bad.append("no camera has depth inside the workspace: its box (workspace.x, y, z) or the calibration is wrong")
    if apart > limits.unusable_m:
        bad.append(_disagree(apart, limits.unusable_m))
    elif apart > limits.doubtful_m:
        doubts.append(_disagree(apart, limits.doubtful_m))
    if overlapping and np.median([pair.agreeing for pair in overlapping]) < limits.min_agreeing:
        share = 100 * float(np.median([pair.agreeing for pair in overlapping]))
        bad.append(f"only {share:.0f} % of what two views see agrees at all: a camera has moved since the calibration")
    if pairs and not overlapping:
        doubts.append("no two views overlap in the workspace, so their agreement cannot be measured")
    for view in views:
        if view.in_workspace == 0:
            doubts.append(f"{view.serial} sees nothing of the workspace: turn it to the table, or calibrate it again")
        elif view.object_pixels == 0:
            doubts.append(f"{view.serial} sees no object; the other views are used")
    return Verdict(UNUSABLE if bad else DOUBTFUL if doubts else USABLE, apart, tuple(bad + doubts))


def _disagree(apart_m: float, limit_m: float) -> str:
    return (
        f"the views disagree by {1000 * apart_m:.1f} mm, over {1000 * limit_m:.0f} mm: calibrate the cameras again "
        "(sparsedff calibrate cameras)"
    )


def facts_lines(views: list[ViewFacts], pairs: list[PairFacts]) -> list[str]:
    """One line per view, aligned."""
    lines = []
    for view in views:
        mine = [pair for pair in pairs if pair.first == view.serial]
        known = [pair.disagreement_m for pair in mine if np.isfinite(pair.disagreement_m)]
        x, y, z = view.eye_m
        shared = f"overlap {100 * max(pair.overlap * pair.agreeing for pair in mine):3.0f} %" if mine else "one view"
        off = f"off by {1000 * float(np.median(known)):4.1f} mm" if known else "off by    - mm"
        shown = "object not looked for" if view.object_pixels is None else f"object {view.object_pixels} px"
        size = f"{view.image_size[0]} x {view.image_size[1]}"
        lines.append(
            f"{view.serial}: {size}, depth {100 * view.valid:3.0f} %, in workspace {100 * view.in_workspace:3.0f} %, "
            f"{shared}, {off}, {shown}, stands at ({x:+.2f}, {y:+.2f}, {z:+.2f}) m"
        )
    return lines
