"""`sparsedff read`, scripts/read.py: training data of the refinement network."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from sparsedff.cli.options import add_settings, load

SUMMARY = "Distil a capture into training data of the refinement network."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb, those of the paper's release among them."""
    parser.add_argument("--img_data_path", required=True, metavar="NAME", help="the capture: a name, or a path")
    parser.add_argument("--dir_path", metavar="DIR", help="folder that it lies in (default: config's capture_paths)")
    parser.add_argument("--extrinsics_path", metavar="DIR", help="the rig's calibration (default: config's)")
    parser.add_argument(
        "--scale", type=int, metavar="PX", help="one feature per square of this size (default: config's)"
    )
    add_key(parser)
    add_settings(parser, "backbone=handcrafted")


def add_key(parser: argparse.ArgumentParser) -> None:
    """The option that names a set of training data and its networks."""
    parser.add_argument("--key", type=_number, default=0, metavar="N", help="which data and networks (default: 0)")


def _number(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def run(options: argparse.Namespace) -> Iterator[str]:
    """Make training data of a capture."""
    given = {"extrinsics_path": options.extrinsics_path, "scale": options.scale}
    config = load(options, *(f"{name}={value}" for name, value in given.items() if value is not None))

    from sparsedff.jobs.read_data import read_capture

    yield from read_capture(config, options.img_data_path, options.key, options.dir_path)
