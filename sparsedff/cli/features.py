"""`sparsedff features`, scripts/vis_features.py: a run's features made visible."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load

SUMMARY = "Look at a run's features: pages to turn, pictures and coloured clouds."
_MODES = ("3Dsim_volume", "result_vis", "3D_similarity", "3Dsim_point")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb, those of the paper's release among them."""
    parser.add_argument(
        "--mode",
        required=True,
        choices=_MODES,
        help="3Dsim_volume: likeness of the field around the object to one point; result_vis: a scene as it is; "
        "3D_similarity (old name 3Dsim_point): likeness of every point of both scenes to one point",
    )
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
    from sparsedff.runs.read import load_run
    from sparsedff.visualize.features import likeness
    from sparsedff.visualize.pictures.look import Look

    look = Look(
        load_run(options.data_path or config.newest_run),
        likeness(options.similarity),
        options.with_hand,
        options.output or Path(config.visualize_path),
    )
    indices: list[int | None] = options.ref_idx or [None]
    for index in indices:
        if options.mode == "result_vis":
            written = look.result(1 if options.key is None else options.key, options.pca)
        elif options.mode == "3Dsim_volume":
            written = look.volume(index, options.key or 0)
        else:
            keys = (0, 1) if options.key is None else (options.key,)
            written = look.similarity(index, keys)
        yield from (f"written: {path}" for path in written)
