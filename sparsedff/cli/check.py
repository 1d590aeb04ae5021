"""`sparsedff check`: facts about a capture, and whether it can be used."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from pathlib import Path

from sparsedff.cli.options import add_settings, load

SUMMARY = "Facts and pictures of a capture, and a verdict: exit code 0 usable, 1 doubtful, 2 unusable."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("capture", metavar="CAPTURE", help="a name or a path")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to write (default: visualize/check-NAME)")
    add_settings(parser, "workspace.x='[-0.2,0.2]'")


def run(options: argparse.Namespace) -> Generator[str, None, int]:
    """Measure, judge and draw a capture; the verdict is the last line and the exit code."""
    from sparsedff.jobs.check import check

    verdict, facts, page = check(options.capture, load(options), options.output)
    yield from facts
    yield f"page: {page}"
    yield from (f"- {reason}" for reason in verdict.reasons[1:])
    yield verdict.line
    return verdict.exit_code
