"""`sparsedff reproduce`: make a run again from its result.json, and compare."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from pathlib import Path

SUMMARY = "Make a run again from its result.json and compare: exit code 0 the same, 1 not the same. Writes nothing."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run, such as data/output")


def run(options: argparse.Namespace) -> Generator[str, None, int]:
    """Compute anew from the recorded inputs, and say whether it is the same to the last bit."""
    from sparsedff.jobs.reproduce import reproduce

    return (yield from reproduce(options.run))
