"""The verbs that show things: `sparsedff features` (scripts/vis_features.py) and `sparsedff studio`."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

from sparsedff.errors import ConfigError

FEATURES = "Look at a run's features: pages to turn, pictures and coloured clouds."
STUDIO = "Open a page in the browser: look at features, show grasps, transfer them."
_MODES = ("3Dsim_volume", "result_vis", "3D_similarity", "3Dsim_point")


def add_features_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `vis_features.py`, those of the paper's release among them."""
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
        "--data_path", type=Path, default=Path("data/output"), metavar="RUN", help="a run's folder (default: newest)"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("visualize"), metavar="DIR", help="where to write (default: %(default)s)"
    )
    parser.set_defaults(run=_features, overrides=[])


def refuse_leftovers(options: argparse.Namespace) -> None:
    """Raise ConfigError on words that belong to no option: these verbs take no key=value."""
    if options.overrides:
        raise ConfigError(f"{options.overrides[0]!r}: this command takes no such argument; --help lists its options")


def _features(options: argparse.Namespace) -> None:
    refuse_leftovers(options)
    from sparsedff.saved_run import load_run
    from sparsedff.visualize.features import likeness
    from sparsedff.visualize.look import Look

    look = Look(load_run(options.data_path), likeness(options.similarity), options.with_hand, options.output)
    indices: list[int | None] = options.ref_idx or [None]
    for index in indices:
        if options.mode == "result_vis":
            written = look.result(1 if options.key is None else options.key, options.pca)
        elif options.mode == "3Dsim_volume":
            written = look.volume(index, options.key or 0)
        else:
            keys = (0, 1) if options.key is None else (options.key,)
            written = look.similarity(index, keys)
        print("\n".join(f"written: {path}" for path in written))


def add_studio_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `sparsedff studio`."""
    parser.add_argument("source", nargs="?", metavar="RUN_OR_CAPTURE", help="what to open (default: the newest run)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s, this machine only)"
    )
    parser.add_argument("--port", type=int, default=8080, help="port, or the next free one (default: %(default)s)")
    parser.add_argument("--config", default="configs/config.yaml", metavar="FILE", help="settings for captures")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="settings to change, for captures")
    parser.set_defaults(run=_studio)


def _studio(options: argparse.Namespace) -> None:
    if importlib.util.find_spec("viser") is None:
        raise ConfigError("studio: viser is not installed; pip install 'sparsedff[studio]'")
    from sparsedff.config import load_config
    from sparsedff.studio.app import Studio
    from sparsedff.studio.source import open_source

    name = options.source
    if name is not None and "=" in name and not Path(name).exists():  # argparse gives the first setting to the source
        options.overrides, name = [name, *options.overrides], None
    studio = Studio(open_source(name, load_config(options.config, options.overrides)), options.host, options.port)
    print(f"studio: {studio.address} (end with Ctrl-C)", flush=True)
    try:
        studio.server.sleep_forever()
    finally:
        studio.stop()
