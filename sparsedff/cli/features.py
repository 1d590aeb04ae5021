"""`sparsedff features`, scripts/vis_features.py: a run's features made visible."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load
from sparsedff.visualize.pictures.registry import PICTURES

SUMMARY = "Look at a run's features: pages to turn, pictures and coloured clouds."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb, those of the paper's release among them."""
    parser.add_argument("--mode", required=True, choices=PICTURES.names, help=PICTURES.meanings)
    parser.add_argument(
        "--key", type=int, choices=(0, 1), help="0 reference, 1 test scene (default: 0, 1 for result_vis, else both)"
    )
    parser.add_argument("--pca", action="store_true", help="result_vis: colour by features instead of by colour")
    parser.add_argument("--with_hand", action="store_true", help="show the hand")
    parser.add_argument(
        "--ref_idx",
        type=int,
        nargs="+",
        metavar="I",
        help="points of points_0.npy to compare with (default: the one that the demonstrated hand touches)",
    )
    parser.add_argument(
        "--similarity", default="l2", metavar="HOW", help="l2, dot or cosine, of the features (default: %(default)s)"
    )
    parser.add_argument(
        "--data_path", type=Path, metavar="RUN", help="a run's folder (default: the newest, beside output_path)"
    )
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to write (default: config's visualize_path)")
    add_settings(parser, "output_path=DIR, where runs are sought")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Draw what was asked for."""
    config = load(options)
    from sparsedff.common.progress import working
    from sparsedff.runs.read import load_run
    from sparsedff.visualize.pictures.run_picture import PictureOptions
    from sparsedff.visualize.similarity import find_similarity

    saved, draw = load_run(options.data_path or config.newest_run), PICTURES.load(options.mode)
    folder = options.output or Path(config.visualize_path)
    similarity = find_similarity(options.similarity)
    points: list[int | None] = options.ref_idx or [None]
    for point in points:
        wanted = PictureOptions(similarity, options.key, point, options.with_hand, options.pca)
        with working("picture"):
            paths = draw(saved, wanted, folder)
        yield from (f"written: {path}" for path in paths)
