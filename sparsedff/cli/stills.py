"""`sparsedff stills`, scripts/capture.py: stills for calibration."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.capture import add_source, source_override
from sparsedff.cli.options import add_settings, load

SUMMARY = "Take one still per camera at each press of C, for calibration."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument(
        "--save_dir", type=Path, required=True, metavar="DIR", help="where stills go: DIR/SERIAL/NNNN.png"
    )
    add_source(parser)
    add_settings(parser, "extrinsics_path=data/rig or camera.timeout_s=10")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Take stills."""
    from sparsedff.common.keys import key_presses
    from sparsedff.jobs.capture import stills

    yield from stills(load(options, *source_override(options)), options.save_dir, key_presses())
