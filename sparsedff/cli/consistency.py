"""`sparsedff consistency`: how well views agree before and after a refinement network."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load
from sparsedff.cli.read import add_key
from sparsedff.refine.modes import MODES

SUMMARY = "Measure how well the views agree before and after a refinement network, on what it has not seen."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    add_mode(parser)
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="another network, such as the authors'")
    add_key(parser)
    add_settings(parser, "refinement.path=DIR")


def add_mode(parser: argparse.ArgumentParser) -> None:
    """The option that names a kind of network."""
    parser.add_argument("--mode", default="glayer", choices=tuple(MODES), help="kind of network (default: %(default)s)")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Measure a network."""
    config = load(options)

    from sparsedff.jobs.consistency import measure_consistency
    from sparsedff.jobs.train import network_path

    own = network_path(config, options.key, options.mode)
    yield from measure_consistency(config, options.key, options.checkpoint or own)
