"""Suites times methods: one report over the results of several suites."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sparsedff.common.atomic import write_file
from sparsedff.errors import EvaluationError
from sparsedff.evaluate.compare import findings
from sparsedff.evaluate.report import worst_cases
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.statistics import mean_interval, rate_interval
from sparsedff.evaluate.tables import PAGE, html_table, markdown, percent, plain, show

OURS, BASELINE = "sparsedff", "rigid alignment"
STEEP_CM = 1.5

BySuite = Mapping[str, Sequence[Row]]
"""The rows of each suite."""

_LEGEND = (
    "95 % intervals in brackets: of lengths over families, of shares over pairs. Rigid floors are the contact errors "
    "of perfect rigid motions: of the hand alone, and of an alignment of the whole objects. Against the baseline: over "
    "the same pairs, exact tests, corrected for the number of measures (Holm)."
)


def write_overview(folder: Path, suites: BySuite) -> list[str]:
    """Write overview.md and overview.html into the folder; returns the tables as lines for a terminal.

    Args:
        folder: whose subfolders, named like the suites, have the suites' own reports.
        suites: rows by suite.
    """
    blocks = [
        ("Held at the right place", by_method(suites, "placed")),
        ("Contact error [cm]", by_method(suites, "contact_cm")),
        ("Held", by_method(suites, "lifted")),
        (f"{OURS} against {BASELINE}", against(suites)),
        ("Rigid floors of the pairs", floors(suites)),
    ]
    text, page, spoken = [_LEGEND, ""], [f"<p>{html.escape(_LEGEND)}</p>"], []
    for heading, lines in blocks:
        text += [f"## {heading}", "", *markdown(lines), ""]
        page.append(f"<h2>{html.escape(heading)}</h2>{html_table(lines)}")
        spoken += [heading, *plain(lines), ""]
    text += ["## Worst cases", ""]
    page.append("<h2>Worst cases</h2>")
    for suite, rows in suites.items():
        for row in worst_cases(rows, 1):
            line = f"{suite}: {row.pair}, {row.misplaced or 'held at the right place'}"
            picture = f"{suite}/pictures/{row.pair}.png"
            text += [f"- {line}", "", f"  ![{row.pair}]({picture})", ""]
            page.append(f'<p>{html.escape(line)}</p><img src="{html.escape(picture)}" alt="{html.escape(row.pair)}">')
    paths = folder / "overview.md", folder / "overview.html"
    write_file(paths[0], "\n".join(["# Suites and methods", "", *text]))
    write_file(paths[1], PAGE.format(title="Suites and methods", body="<h1>Suites and methods</h1>" + "\n".join(page)))
    return [*spoken, f"overview: {paths[1]} and {paths[0].name}"]


def by_method(suites: BySuite, column: str) -> list[list[str]]:
    """One measure: a line a suite, a column a method."""
    methods = list(dict.fromkeys(row.method for rows in suites.values() for row in rows))
    lines = [["", "pairs", *methods]]
    for suite, rows in suites.items():
        cells = [suite, str(len({row.pair for row in rows}))]
        for method in methods:
            members = [row for row in rows if row.method == method]
            values = [float(getattr(row, column)) for row in members]
            if column in ("placed", "lifted"):
                known = [value for value in values if np.isfinite(value)]
                cells.append(percent(rate_interval(round(sum(known)), len(known))))
            else:
                cells.append(show(mean_interval(values, clusters=[row.family for row in members]), 2))
        lines.append(cells)
    return lines


def against(suites: BySuite) -> list[list[str]]:
    """The method less the baseline on the same pairs: headline and contact error with what they are evidence of."""
    lines = [["", "placed", "p", "", "contact [cm]", "p", ""]]
    for suite, rows in suites.items():
        try:
            found = {finding.measure: finding for finding in findings(rows, rows, BASELINE, OURS)}
        except EvaluationError:  # one of the two was not run
            continue
        cells = [suite]
        for measure, digits in (("placed", 2), ("contact_cm", 2)):
            finding = found.get(measure)
            if finding is None:
                cells += ["-", "-", "-"]
                continue
            change = finding.change
            p = "-" if finding.p is None else f"{finding.p:.3f}"
            cells += [f"{change.value:+.{digits}f} [{change.low:+.{digits}f}, {change.high:+.{digits}f}]", p]
            cells.append(finding.verdict)
        lines.append(cells)
    return lines


def floors(suites: BySuite) -> list[list[str]]:
    """What perfect rigid motions leave: mean, largest, and the number of pairs above 1.5 cm."""
    names = {"hand_floor_cm": "hand", "alignment_floor_cm": "objects"}
    head = [f"{name}: {what}" for name in names.values() for what in ("mean [cm]", "most [cm]", f"> {STEEP_CM} cm")]
    lines = [["", *head]]
    for suite, rows in suites.items():
        one = {row.pair: row for row in rows}.values()
        cells = [suite]
        for column in names:
            values = np.array([float(getattr(row, column)) for row in one])
            values = values[np.isfinite(values)]
            if len(values):
                cells += [f"{values.mean():.2f}", f"{values.max():.2f}", str(int((values > STEEP_CM).sum()))]
            else:
                cells += ["-", "-", "-"]
        lines.append(cells)
    return lines
