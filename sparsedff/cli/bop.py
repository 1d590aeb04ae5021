"""`sparsedff bop make | eval | split`: data sets of 6D poses in the format of the BOP challenge."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load

SUMMARY = "Make BOP data sets of procedural objects, and measure tables of results on any BOP data set."

_MAKE = "Write a data set of a procedural object: simulated cameras with full noise, every pose known."
_EVAL = "Print the average recalls of a table of results, as the BOP challenge defines them."
_SPLIT = "Write train_idxs.txt and test_idxs.txt into the scenes of a data set."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb, a subcommand each."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="WHAT")

    make = kinds.add_parser("make", help=_MAKE, description=_MAKE)
    make.add_argument("family", metavar="FAMILY", help="of procedural objects, such as mug")
    make.add_argument("scenes", type=int, metavar="N", help="number of scenes, an image a camera each")
    make.add_argument("--output", type=Path, required=True, metavar="DIR", help="the data set; must not exist")
    make.add_argument("--split", default="test", metavar="NAME", choices=("train", "val", "test"),
                      help="folder of the scenes: train, val or test (default: %(default)s)")  # fmt: skip
    make.add_argument("--seed", type=int, default=0, help="of places, surroundings and noise (default: %(default)s)")
    add_settings(make, "pairs.width_px=320 or pairs.around.clutter=3")

    judge = kinds.add_parser("eval", help=_EVAL, description=_EVAL)
    judge.add_argument("results", type=Path, metavar="RESULTS.csv", help="scene_id,im_id,obj_id,score,R,t,time")

    split = kinds.add_parser("split", help=_SPLIT, description=_SPLIT)
    for kind in (judge, split):
        kind.add_argument("dataset", type=Path, metavar="DATASET", help="folder with models and scenes")
        kind.add_argument("--split", metavar="NAME", help="folder of the scenes (default: the test images)")
    split.add_argument("--share", type=float, default=0.8, help="of the images that train (default: %(default)s)")
    split.add_argument("--seed", type=int, default=42, help="of the draw (default: %(default)s)")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Make, measure or split a data set."""
    if options.kind == "make":
        from sparsedff.jobs.bop_make import make
        from sparsedff.prepare.writable import check_writable

        settings = load(options).pairs
        check_writable(options.output.parent, "--output")
        yield from make(options.family, options.scenes, options.output, options.split, options.seed, settings)
        return
    from sparsedff.jobs.bop_eval import evaluate, split_images

    if options.kind == "eval":
        yield from evaluate(options.results, options.dataset, options.split)
    else:
        yield from split_images(options.dataset, options.split, options.share, options.seed)
