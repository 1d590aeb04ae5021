"""The verb `sparsedff check`: arguments only; the work is in checkup/."""

from __future__ import annotations

import argparse
from pathlib import Path

from sparsedff.errors import CaptureError

CHECK = "Facts and pictures of a capture; exit code 2 and the reason where it is of no use."


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `sparsedff check`."""
    parser.add_argument("capture", metavar="CAPTURE", help="a name or a path")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to write (default: visualize/check-NAME)")
    parser.add_argument("--config", default="configs/config.yaml", metavar="FILE", help="settings")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="settings to change: workspace.x=[-0.2,0.2]")
    parser.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> None:
    from sparsedff.checkup.check import check
    from sparsedff.config import load_config

    verdict, facts, page = check(options.capture, load_config(options.config, options.overrides), options.output)
    print("\n".join([*facts, f"page: {page}"]))
    if verdict.word == "unusable":
        raise CaptureError(f"{options.capture}: unusable: {'; '.join(verdict.reasons)}")
    agree = f", views agree to {1000 * verdict.disagreement_m:.1f} mm" if verdict.disagreement_m > 0 else ""
    print("\n".join([f"{verdict.word}{agree}", *(f"- {reason}" for reason in verdict.reasons)]))
