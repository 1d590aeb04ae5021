"""`sparsedff train`, scripts/train_linear_probe.py: the refinement network."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli import consistency
from sparsedff.cli.options import add_settings, load
from sparsedff.cli.read import add_key

SUMMARY = "Train the refinement network; a killed training goes on when called again."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    consistency.add_mode(parser)
    parser.add_argument("--fresh", action="store_true", help="forget an interrupted or finished training")
    parser.add_argument("--tensorboard", action="store_true", help="write logs; needs pip install 'sparsedff[learn]'")
    parser.add_argument("--consistency", action="store_true", help="train nothing, measure the network that is there")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="with --consistency: measure this network")
    add_key(parser)
    add_settings(parser, "refinement.steps=800")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Train, or measure with --consistency."""
    if options.consistency:
        yield from consistency.run(options)
        return
    config = load(options)

    from sparsedff.jobs.train import train_probe

    yield from train_probe(config, options.mode, options.key, options.fresh, options.tensorboard)
