"""What the measures mean: lines to read, doubts, and the reason why a capture is of no use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sparsedff.quality.measure import PairFacts, ViewFacts
from sparsedff.quality.moved import Registration
from sparsedff.quality.object_views import ObjectAgreement
from sparsedff.quality.reasons import disagreeing, moved, overlapping
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.wrong import contradicted

USABLE, DOUBTFUL, UNUSABLE = WORDS = ("usable", "doubtful", "unusable")


def word_for(bad: Sequence[str], doubts: Sequence[str]) -> str:
    """The word for a capture with these reasons against it."""
    return UNUSABLE if bad else DOUBTFUL if doubts else USABLE


@dataclass(frozen=True)
class Agreement:
    """How the views agree.

    Attributes:
        pairs: on everything in the workspace.
        on_table, on_object: on the points of either kind alone.
        registration: the views laid on each other.
        outlines: whether the views show the object in one place.
    """

    pairs: list[PairFacts]
    on_table: list[PairFacts]
    on_object: list[PairFacts]
    registration: Registration
    outlines: tuple[ObjectAgreement, ...]


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

    @property
    def exit_code(self) -> int:
        """0, 1 or 2."""
        return WORDS.index(self.word)

    @property
    def line(self) -> str:
        """The word and its first reason."""
        if self.reasons:
            return f"{self.word}: {self.reasons[0]}"
        agree = f", views agree to {1000 * self.disagreement_m:.1f} mm" if self.disagreement_m > 0 else ""
        return f"{self.word}{agree}"


def judge(views: list[ViewFacts], agreement: Agreement, no_object: str | None, limits: CheckSettings) -> Verdict:
    """Weigh the facts.

    Args:
        views, agreement: the measures.
        no_object: why no object was found; None if one was.
        limits: of what is taken.
    """
    bad, doubts = moved(agreement.registration, limits)
    if no_object is not None:
        bad.insert(0, no_object)
    if all(view.in_workspace == 0 for view in views):
        bad.append("no camera has depth inside the workspace: its box (workspace.x, y, z) or the calibration is wrong")
    # Objects are judged by registration and outlines: their limbs hide each other by less than the gate, which looks
    # like disagreement along a ray though the cameras stand right.
    for more_bad, more_doubts in (
        disagreeing(agreement.on_table, "the table", limits),
        contradicted(agreement.outlines, limits),
    ):
        bad += more_bad
        doubts += more_doubts
    if agreement.pairs and not overlapping(agreement.pairs):
        doubts.append("no two views overlap in the workspace, so their agreement cannot be measured")
    for view in views:
        if view.in_workspace == 0:
            doubts.append(f"{view.serial} sees nothing of the workspace: turn it to the table, or calibrate it again")
        elif view.object_pixels == 0:
            doubts.append(f"{view.serial} sees no object; the other views are used")
    known = [pair.disagreement_m for pair in overlapping(agreement.pairs) if np.isfinite(pair.disagreement_m)]
    apart = float(np.median(known)) if known else float("nan")
    return Verdict(word_for(bad, doubts), apart, tuple(bad + doubts))


def facts_lines(views: list[ViewFacts], agreement: Agreement) -> list[str]:
    """One line per view, aligned."""
    lines = []
    for view, camera in zip(views, agreement.registration.cameras, strict=True):
        mine = [pair for pair in agreement.pairs if pair.first == view.serial]
        known = [pair.disagreement_m for pair in mine if np.isfinite(pair.disagreement_m)]
        x, y, z = view.eye_m
        shared = f"overlap {100 * max(pair.overlap * pair.agreeing for pair in mine):3.0f} %" if mine else "one view"
        off = f"depth off by {1000 * float(np.median(known)):4.1f} mm" if known else "depth off by    - mm"
        fits = f"fits to {1000 * camera.points_m:4.1f} mm" if mine and np.isfinite(camera.points_m) else "fit unknown"
        shown = "object not looked for" if view.object_pixels is None else f"object {view.object_pixels} px"
        size = f"{view.image_size[0]} x {view.image_size[1]}"
        lines.append(
            f"{view.serial}: {size}, depth {100 * view.valid:3.0f} %, in workspace {100 * view.in_workspace:3.0f} %, "
            f"{shared}, {off}, {fits}, {shown}, stands at ({x:+.2f}, {y:+.2f}, {z:+.2f}) m"
        )
    return lines
