"""Tables of a report as Markdown, as a web page and as plain text."""

from __future__ import annotations

import html
from collections.abc import Sequence

from sparsedff.evaluate.statistics import Estimate

Lines = Sequence[Sequence[str]]
"""A table: its header, then a line each."""


def show(estimate: Estimate, digits: int) -> str:
    """A value with its interval."""
    if estimate.count == 0:
        return "-"
    return f"{estimate.value:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def percent(estimate: Estimate) -> str:
    """A share with its interval."""
    if estimate.count == 0:
        return "-"
    return f"{100 * estimate.value:.0f} % [{100 * estimate.low:.0f}, {100 * estimate.high:.0f}]"


def plain(lines: Lines) -> list[str]:
    """Columns of equal width for a terminal."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]


def markdown(lines: Lines) -> list[str]:
    """Lines of a Markdown table."""
    head, *body = lines
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(line)} |" for line in body)]


def html_table(lines: Lines) -> str:
    """A table element."""
    head, *body = ([html.escape(cell) for cell in line] for line in lines)
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in body)
    return f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>{rows}</table>"


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222; }}
table {{ border-collapse: collapse; margin: 1rem 0; }} td, th {{ border: 1px solid #ccc; padding: .3rem .7rem; }}
td + td, th + th {{ text-align: right; }} img {{ max-width: 100%; }}
</style></head><body>{body}</body></html>
"""
