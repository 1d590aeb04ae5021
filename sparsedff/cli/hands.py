"""`sparsedff hands`: the end effectors, with a picture each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load

SUMMARY = "List the end effectors, with a picture each."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("--output", type=Path, metavar="DIR", help="of the pictures (default: visualize/hands)")
    add_settings(parser, "end_effector=path/to/hand.yaml, which is listed too")


def run(options: argparse.Namespace) -> Iterator[str]:
    """List and draw them."""
    from sparsedff.jobs.hands import hands

    config = load(options)
    yield from hands(config, options.output or Path(config.visualize_path) / "hands")
