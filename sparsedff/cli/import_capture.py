"""`sparsedff import`: a capture of another layout becomes a capture folder."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load
from sparsedff.importing.registry import LAYOUTS

SUMMARY = "Make a capture of images with JSON, of Open3D's or Redwood's folders, or of a ROS bag."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("source", type=Path, metavar="SOURCE", help="a folder or a recording")
    parser.add_argument("name", metavar="NAME", help="of the capture, in the last of capture_paths; or a path")
    layouts = ("auto", *LAYOUTS.names)
    parser.add_argument("--from", dest="layout", default="auto", choices=layouts, help=LAYOUTS.meanings)
    parser.add_argument("--frames", metavar="A,B", help="frames of a sequence (default: four, evenly spread)")
    parser.add_argument("--depth-unit", type=float, metavar="M", help="metres of one unit of the depth images")
    parser.add_argument("--at", type=float, default=0.0, metavar="S", help="moment in a recording [s], from its begin")
    parser.add_argument("--world", metavar="FRAME", help="the recording's frame that is the table's")
    parser.add_argument("--find-table", action="store_true", help="make the table that the cameras look at the world")
    add_settings(parser, "capture_paths='[data/captures]'")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Import a capture."""
    from sparsedff.errors import ConfigError
    from sparsedff.importing.settings import Wanted
    from sparsedff.jobs.import_capture import import_capture

    config = load(options)
    plain = Path(options.name).name == options.name
    folder = Path(config.capture_paths[-1]) / options.name if plain else Path(options.name)
    try:
        frames = None if options.frames is None else tuple(int(word) for word in options.frames.split(","))
    except ValueError:
        raise ConfigError(f"--frames: must be whole numbers with commas, got {options.frames!r}") from None
    wanted = Wanted(folder.name, frames, options.depth_unit, options.at, options.world)
    yield from import_capture(options.source, folder, options.layout, wanted, options.find_table)
