"""scripts/capture_3d.py and scripts/capture.py, and the verbs `sparsedff capture` and `sparsedff stills`: arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sparsedff.command import run_verb

DEFAULT_CONFIG = "configs/config.yaml"
CAPTURE = "Take one RGB-D capture with all cameras."
STILLS = "Take one still per camera at each press of C, for calibration."
_SOURCE = "kinect, simulated or FILE.mkv[,FILE.mkv...] (default: camera.source of the settings)"


def capture_3d(arguments: Sequence[str] | None = None) -> int:
    """scripts/capture_3d.py; returns the exit code."""
    parser = argparse.ArgumentParser(description=CAPTURE)
    add_capture_arguments(parser)
    return run_verb(parser, arguments)


def capture(arguments: Sequence[str] | None = None) -> int:
    """scripts/capture.py; returns the exit code."""
    parser = argparse.ArgumentParser(description=STILLS)
    add_stills_arguments(parser)
    return run_verb(parser, arguments)


def add_capture_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of capture_3d.py, those of the paper's release among them."""
    parser.add_argument("--save", action="store_true", help="keep the capture")
    parser.add_argument("--path", type=Path, metavar="DIR", help="its new folder (default: data/captures/TIME)")
    parser.add_argument("--vis_2d", action="store_true", help="picture of each camera's colour and depth")
    parser.add_argument("--vis_3d", action="store_true", help="picture and page of all cameras' points together")
    parser.add_argument(
        "--uncalibrated", action="store_true", help="before there is a calibration: leave poses out of the capture"
    )
    _add_common(parser)
    parser.set_defaults(run=_capture_3d)


def add_stills_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of capture.py."""
    parser.add_argument(
        "--save_dir", type=Path, required=True, metavar="DIR", help="where stills go: DIR/SERIAL/NNNN.png"
    )
    _add_common(parser)
    parser.set_defaults(run=_stills)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="SOURCE", help=_SOURCE)
    parser.add_argument("--config", default=DEFAULT_CONFIG, metavar="FILE", help="settings (default: %(default)s)")
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="settings: extrinsics_path=data/rig camera.timeout_s=10"
    )


def _overrides(options: argparse.Namespace) -> list[str]:
    return [*options.overrides, *([f"camera.source={options.source}"] if options.source is not None else [])]


def _capture_3d(options: argparse.Namespace) -> None:
    from sparsedff.capturing.verbs import Wanted, capture_3d
    from sparsedff.config import load_config

    config = load_config(options.config, _overrides(options))
    wanted = Wanted(options.save, options.path, options.vis_2d, options.vis_3d, not options.uncalibrated)
    for line in capture_3d(config, wanted):
        print(line, flush=True)


def _stills(options: argparse.Namespace) -> None:
    from sparsedff.capturing.keys import key_presses
    from sparsedff.capturing.verbs import stills
    from sparsedff.config import load_config

    for line in stills(load_config(options.config, _overrides(options)), options.save_dir, key_presses()):
        print(line, flush=True)
