"""`sparsedff check`: facts about a capture, and whether it can be used."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load
from sparsedff.errors import CaptureError

SUMMARY = "Facts and pictures of a capture; exit code 2 and the reason where it is of no use."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("capture", metavar="CAPTURE", help="a name or a path")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to write (default: visualize/check-NAME)")
    add_settings(parser, "workspace.x='[-0.2,0.2]'")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Measure, judge and draw a capture."""
    from sparsedff.jobs.check import check

    verdict, facts, page = check(options.capture, load(options), options.output)
    yield from facts
    yield f"page: {page}"
    if verdict.word == "unusable":
        raise CaptureError(f"{options.capture}: unusable: {'; '.join(verdict.reasons)}")
    agree = f", views agree to {1000 * verdict.disagreement_m:.1f} mm" if verdict.disagreement_m > 0 else ""
    yield f"{verdict.word}{agree}"
    yield from (f"- {reason}" for reason in verdict.reasons)
