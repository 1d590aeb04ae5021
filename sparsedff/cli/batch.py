"""`sparsedff batch`: one demonstration to many captures."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load, part_words

SUMMARY = "Carry the demonstration on one capture over to many others; an interrupted batch goes on."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("reference", metavar="REFERENCE", help="the capture on which the hand is shown (data1)")
    parser.add_argument("captures", nargs="*", metavar="FOLDER", help="captures, or folders of captures")
    parser.add_argument("--list", type=Path, metavar="FILE", help="a text file with a capture in every line")
    parser.add_argument("--jobs", type=int, default=1, help="worker processes (default: %(default)s)")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where runs, table and sheets go")
    add_settings(parser, "hand_ref_pose_name=mine")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Carry the demonstration to all captures."""
    words = part_words(options, options.captures)
    config = load(options, f"data1={options.reference}")

    from sparsedff.jobs.batch import captures_of, run_batch

    captures = captures_of(words, options.list)
    folder = options.output or config.batches_path / Path(options.reference).name
    yield from run_batch(config, captures, folder, max(1, options.jobs))
