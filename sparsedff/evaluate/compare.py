"""Two runs side by side: paired differences with intervals, and what they are evidence of."""

from __future__ import annotations

from collections.abc import Sequence

from sparsedff.errors import SparseDFFError
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.statistics import mean_interval, verdict

MEASURES = {
    "contact_cm": True,
    "palm_cm": True,
    "penetration_mm": True,
    "self_penetration_mm": True,
    "lifted": False,
    "seconds": True,
}
"""Column, and whether smaller is better."""


def compare(first: Sequence[Row], second: Sequence[Row], method: str = "sparsedff") -> list[str]:
    """Lines of a Markdown table: second run less first, over the pairs both have.

    Raises:
        SparseDFFError: the runs share no pair of this method.
    """
    before = {row.pair: row for row in first if row.method == method}
    after = {row.pair: row for row in second if row.method == method}
    shared = sorted(before.keys() & after.keys())
    if not shared:
        raise SparseDFFError(
            f"--compare: the two runs share no pair of the method {method!r}; run the same suite twice"
        )
    lines = [
        f"{len(shared)} pairs, method {method}; B less A, 95 % interval",
        "",
        "| measure | A | B | difference | interval | |",
        "|---|---|---|---|---|---|",
    ]
    for name, smaller in MEASURES.items():
        a, b = ([float(getattr(run[pair], name)) for pair in shared] for run in (before, after))
        change = mean_interval([y - x for x, y in zip(a, b, strict=True)])
        if change.count == 0:
            continue
        lines.append(
            f"| {name} | {mean_interval(a).value:.3f} | {mean_interval(b).value:.3f} | {change.value:+.3f} "
            f"| {change.low:+.3f} to {change.high:+.3f} | {verdict(change, smaller)} |"
        )
    return lines
