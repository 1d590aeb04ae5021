"""Two runs side by side: paired differences with intervals, and what they are evidence of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import EvaluationError
from sparsedff.evaluate.paired import LEVEL, holm, mcnemar, sign_flip
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.statistics import Estimate, mean_interval

Float = NDArray[np.float64]

FEWEST_PAIRS = 8


@dataclass(frozen=True)
class Measure:
    """A column to compare: whether smaller is better, and whether it says only yes or no."""

    smaller: bool = True
    yes_no: bool = False


MEASURES = {
    "placed": Measure(smaller=False, yes_no=True),
    "lifted": Measure(smaller=False, yes_no=True),
    "contact_cm": Measure(),
    "turn_deg": Measure(),
    "palm_cm": Measure(),
    "commanded_penetration_mm": Measure(),
    "penetration_mm": Measure(),
    "self_penetration_mm": Measure(),
    "robust": Measure(smaller=False),
    "on_part": Measure(smaller=False),
    "seconds": Measure(),
}
"""By column; the headline, held at the right place, comes first."""


@dataclass(frozen=True)
class Finding:
    """One measure over the pairs that two runs share.

    Attributes:
        measure: name in MEASURES.
        first, second: means over the pairs where both have a value.
        change: second less first, with its interval over families.
        p: after Holm; None where there are too few pairs.
        verdict: see `verdict`.
    """

    measure: str
    first: float
    second: float
    change: Estimate
    p: float | None
    verdict: str


def compare(first: Sequence[Row], second: Sequence[Row], method: str = "sparsedff", other: str = "") -> list[str]:
    """Lines of a Markdown table: second run less first, over the pairs both have.

    A measure is better or worse where its p, after Holm over all measures of the table, is below 5 % and its interval
    leaves out zero. Yes/no measures are tested with McNemar's exact test, others with sign flips. Intervals resample
    families, because the pairs of one family share their reference scene. Below 8 pairs nothing is said.

    Args:
        first, second: rows of the two runs, which may be the same one.
        method: of the first run.
        other: of the second run; empty is the same method.

    Raises:
        EvaluationError: the runs share no pair of these methods.
    """
    found = findings(first, second, method, other)
    shared = _shared(first, second, method, other)
    families = {row.family for row, _ in shared}
    named = f"method {method}" if other in ("", method) else f"A is {method}, B is {other}"
    tested = sum(finding.p is not None for finding in found)
    return [
        f"{len(shared)} pairs of {len(families)} families, {named}; B less A, 95 % interval over "
        f"families, p after Holm over {tested} measures",
        "",
        "| measure | A | B | difference | interval | p | |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row.measure} | {row.first:.3f} | {row.second:.3f} | {row.change.value:+.3f} "
            f"| {row.change.low:+.3f} to {row.change.high:+.3f} | {'-' if row.p is None else f'{row.p:.3f}'} "
            f"| {row.verdict} |"
            for row in found
        ),
    ]


def findings(first: Sequence[Row], second: Sequence[Row], method: str = "sparsedff", other: str = "") -> list[Finding]:
    """What `compare` finds, a value for each measure that any shared pair has.

    Raises:
        EvaluationError: the runs share no pair of these methods.
    """
    shared = _shared(first, second, method, other)
    families = [before.family for before, _ in shared]
    columns = {
        name: tuple(np.array([float(getattr(pair[side], name)) for pair in shared]) for side in (0, 1))
        for name in MEASURES
    }
    chances = adjusted_chances({name: b - a for name, (a, b) in columns.items()})
    found = []
    for name, (a, b) in columns.items():
        change = mean_interval((b - a).tolist(), clusters=families)
        if change.count == 0:
            continue
        both, p = np.isfinite(b - a), chances.get(name)
        said = verdict(p, change, MEASURES[name].smaller)
        found.append(Finding(name, float(a[both].mean()), float(b[both].mean()), change, p, said))
    return found


def _shared(first: Sequence[Row], second: Sequence[Row], method: str, other: str) -> list[tuple[Row, Row]]:
    before = {row.pair: row for row in first if row.method == method}
    after = {row.pair: row for row in second if row.method == (other or method)}
    shared = sorted(before.keys() & after.keys())
    if not shared:
        what = f"the method {method!r}" if other in ("", method) else f"the methods {method!r} and {other!r}"
        raise EvaluationError(f"--compare: the two runs share no pair of {what}; run the same suite twice")
    return [(before[pair], after[pair]) for pair in shared]


def adjusted_chances(differences: Mapping[str, Float]) -> dict[str, float]:
    """p by measure, corrected for their number; measures with fewer than 8 finite differences are left out.

    Args:
        differences: (n,) by name in MEASURES; NaN where one of the two runs has no value.
    """
    found = {}
    for name, values in differences.items():
        finite = values[np.isfinite(values)]
        if len(finite) >= FEWEST_PAIRS:
            found[name] = mcnemar(finite) if MEASURES[name].yes_no else sign_flip(finite)
    return holm(found)


def verdict(p: float | None, change: Estimate, smaller_is_better: bool) -> str:
    """`better`, `worse`, `no evidence` or `too few` of a paired difference (second less first).

    Args:
        p: after Holm; None where there are too few pairs.
        change: the mean difference with its interval over families.
        smaller_is_better: of the measure.
    """
    if p is None:
        return "too few"
    if p >= LEVEL or not (change.low > 0 or change.high < 0):
        return "no evidence"
    return "better" if (change.value < 0) == smaller_is_better else "worse"
