"""The report of a run: one table per question with intervals, the worst cases with pictures, the timing."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from sparsedff.common.atomic import write_file
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.statistics import mean_interval, rate_interval
from sparsedff.evaluate.tables import PAGE, html_table, markdown, percent, show

Group = Callable[[Row], str]

_COLUMNS: tuple[tuple[str, str, int | None], ...] = (
    ("held at the right place", "placed", None),
    ("held", "lifted", None),
    ("contact [cm]", "contact_cm", 2),
    ("palm [cm]", "palm_cm", 1),
    ("palm [deg]", "palm_deg", 0),
    ("commanded penetration [mm]", "commanded_penetration_mm", 1),
    ("penetration [mm]", "penetration_mm", 1),
    ("robust", "robust", 2),
    ("on part", "on_part", 2),
)
"""Title, column of the rows, and digits; None for shares of yes."""

_LEGEND = (
    "Values are means over pairs with 95 % intervals in brackets, of lengths over families, of shares over pairs. Held "
    "at the right place: held in the lift trial, contacts within judge.contact_m and judge.turn_deg of where the truth "
    "maps them, and the commanded hand neither deep in the object nor under the table."
)


def write_report(folder: Path, rows: Sequence[Row], pictures: dict[str, Path], title: str) -> tuple[Path, Path]:
    """Write report.md and report.html into the folder.

    Args:
        folder: of the run.
        rows: all results.
        pictures: file beside the report by pair name, for the worst cases.
        title: the headline.
    """
    blocks = [
        ("Methods", table(rows, lambda row: row.method)),
        *_by_symmetry(rows),
        ("The method by kind of pair", table(_ours(rows), lambda row: row.kind)),
        ("The method by family", table(_ours(rows), lambda row: f"{row.family}, {row.kind}")),
        ("The method by task", table(_ours(rows), lambda row: f"{row.family} {row.task}")),
        ("Timing", timing(rows)),
        ("Pairs: rigid floors and contact errors [cm]", pairs(rows)),
    ]
    worst = worst_cases(rows)
    text = [f"# {title}", "", _LEGEND, ""]
    page = [f"<h1>{html.escape(title)}</h1><p>{html.escape(_LEGEND)}</p>"]
    for heading, lines in blocks:
        text += [f"## {heading}", "", *markdown(lines), ""]
        page.append(f"<h2>{html.escape(heading)}</h2>{html_table(lines)}")
    text += ["## Worst cases", ""]
    page.append("<h2>Worst cases</h2>")
    for row in worst:
        line = (
            f"{row.pair}: {_headline(row)}; contact error {row.contact_cm:.1f} cm (rigid floor "
            f"{row.hand_floor_cm:.1f}), lift: {row.lift_reason}"
        )
        text += [f"- {line}"]
        page.append(f"<p>{html.escape(line)}</p>")
        if row.pair in pictures:
            name = pictures[row.pair].relative_to(folder).as_posix()
            text += ["", f"  ![{row.pair}]({name})", ""]
            page.append(f'<img src="{html.escape(name)}" alt="{html.escape(row.pair)}">')
    paths = folder / "report.md", folder / "report.html"
    write_file(paths[0], "\n".join(text) + "\n")
    write_file(paths[1], PAGE.format(title=html.escape(title), body="\n".join(page)))
    return paths


def table(rows: Sequence[Row], group: Group) -> list[list[str]]:
    """Header and one line a group, in the order the groups first appear."""
    lines = [["", "pairs", *(name for name, _, _ in _COLUMNS)]]
    for name, members in _grouped(rows, group).items():
        families = [row.family for row in members]
        cells = [name, str(len(members))]
        for _, column, digits in _COLUMNS:
            values = [float(getattr(row, column)) for row in members]
            finite = [value for value in values if np.isfinite(value)]
            cells.append(
                percent(rate_interval(round(sum(finite)), len(finite)))
                if digits is None
                else show(mean_interval(values, clusters=families), digits)
            )
        lines.append(cells)
    return lines


def pairs(rows: Sequence[Row]) -> list[list[str]]:
    """Every pair with its floors, which are what rigid motions leave, and each method's contact error [cm]."""
    methods = list(dict.fromkeys(row.method for row in rows))
    lines = [["", "hand moved rigidly", "objects aligned", *methods]]
    for name, members in _grouped(rows, lambda row: row.pair).items():
        found = {row.method: f"{row.contact_cm:.2f}" for row in members}
        floors = (f"{members[0].hand_floor_cm:.2f}", f"{members[0].alignment_floor_cm:.2f}")
        lines.append([name, *floors, *(found.get(method, "-") for method in methods)])
    return lines


def timing(rows: Sequence[Row]) -> list[list[str]]:
    """Seconds a pair by method, after distillation, and peak memory."""
    lines = [["", "median [s]", "longest [s]", "peak memory [MB]"]]
    for name, members in _grouped(rows, lambda row: row.method).items():
        seconds = [row.seconds for row in members]
        memory = max(row.memory_mb for row in members)
        lines.append([name, f"{np.median(seconds):.1f}", f"{max(seconds):.1f}", f"{memory:.0f}"])
    return lines


def worst_cases(rows: Sequence[Row], count: int = 3) -> list[Row]:
    """The method's pairs that are not held at the right place, then those with the largest contact error."""
    return sorted(_ours(rows), key=lambda row: (row.placed == 1, -row.contact_cm))[:count]


def _headline(row: Row) -> str:
    return row.misplaced or ("held at the right place" if row.placed == 1 else "not judged")


def _by_symmetry(rows: Sequence[Row]) -> list[tuple[str, list[list[str]]]]:
    """The methods on things without and with symmetry apart: of the latter errors count to the nearest equal truth."""
    kinds = {"Methods, things without symmetry": 0.0, "Methods, symmetric things": 1.0}
    parts = {heading: [row for row in rows if row.symmetric == kind] for heading, kind in kinds.items()}
    return [(heading, table(part, lambda row: row.method)) for heading, part in parts.items() if part]


def _ours(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.method == "sparsedff"]


def _grouped(rows: Sequence[Row], group: Group) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(group(row), []).append(row)
    return found
