"""`sparsedff capture`, scripts/capture_3d.py: one RGB-D capture."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.capture.cameras.registry import SOURCES
from sparsedff.cli.options import add_settings, load

SUMMARY = "Take one RGB-D capture with all cameras."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb, those of the paper's release among them."""
    parser.add_argument("--save", action="store_true", help="keep the capture")
    parser.add_argument("--path", type=Path, metavar="DIR", help="its new folder (default: data/captures/TIME)")
    parser.add_argument("--vis_2d", action="store_true", help="picture of each camera's colour and depth")
    parser.add_argument("--vis_3d", action="store_true", help="picture and page of all cameras' points together")
    parser.add_argument(
        "--uncalibrated", action="store_true", help="before there is a calibration: leave poses out of the capture"
    )
    add_source(parser)
    add_settings(parser, "extrinsics_path=data/rig or camera.timeout_s=10")


def add_source(parser: argparse.ArgumentParser) -> None:
    """The option that names the cameras."""
    parser.add_argument("--source", metavar="SOURCE", help=f"{SOURCES.meanings} (default: camera.source)")


def source_override(options: argparse.Namespace) -> list[str]:
    """The key=value that --source means."""
    return [] if options.source is None else [f"camera.source={options.source}"]


def run(options: argparse.Namespace) -> Iterator[str]:
    """Take a capture."""
    from sparsedff.jobs.capture import Wanted, capture_3d

    wanted = Wanted(options.save, options.path, options.vis_2d, options.vis_3d, not options.uncalibrated)
    yield from capture_3d(load(options, *source_override(options)), wanted)
