"""`sparsedff demo`: the packaged grasp, in any folder."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from sparsedff.cli import transfer
from sparsedff.cli.options import add_settings

SUMMARY = "Transfer the packaged grasp from one plush monkey to another, in any folder."
_SAMPLE = ("data1=monkey_original", "data2=monkey_test", "hand_ref_pose_name=monkey")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    add_settings(parser, "seed=1")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Make the sample where it is missing, transfer, and say what to do next."""
    options.no_cache, options.loop = False, False
    options.overrides = [*options.overrides, *_SAMPLE]
    yield from transfer.run(options)
    yield "next: sparsedff studio shows it in the browser; docs/tutorial.md goes on from here"
