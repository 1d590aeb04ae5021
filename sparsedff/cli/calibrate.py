"""`sparsedff calibrate board | cameras | table | hand-eye`: where cameras, table and robot stand."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sparsedff.cli.options import add_settings, load

RIG = Path("data/rig")
SUMMARY = "Find where the cameras, the table and the robot stand."

_BOARD = "Write the calibration board as PDF and PNG at true scale."
_CAMERAS = "Find the poses of all cameras, and their lenses if asked, from stills of the board."
_TABLE = "Find the table frame, from the board lying on the table or from depth."
_HAND_EYE = "Find the robot's base (cam2base), from stills of the board in its gripper and its poses."
_ORDER = "in this order: board, cameras (with --table NAME that is all a transfer needs), table, hand-eye"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb, a subcommand each for board, cameras, table and robot."""
    parser.epilog = _ORDER
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="WHAT")

    board = _add(kinds, "board", _BOARD)
    board.add_argument("--out", type=Path, default=Path("data/board"), metavar="DIR", help="default: %(default)s")

    cameras = _add(kinds, "cameras", _CAMERAS)
    cameras.add_argument("stills", type=Path, metavar="DIR", help="stills: DIR/SERIAL/NAME.png (scripts/capture.py)")
    cameras.add_argument(
        "--intrinsics",
        default="factory",
        choices=("factory", "solve"),
        help="lenses: intrinsic.npy and distortion.npy beside the stills, or solved for (default: %(default)s)",
    )
    cameras.add_argument("--table", metavar="NAME", help="in this still the board lies on the table, face up")
    cameras.add_argument(
        "--depth", type=Path, metavar="CAPTURE", help="a capture of the board: its size by depth (default: DIR/depth)"
    )
    cameras.add_argument("--out", type=Path, default=RIG, metavar="RIG", help="rig to write (default: %(default)s)")

    table = _add(kinds, "table", _TABLE)
    source = table.add_mutually_exclusive_group(required=True)
    source.add_argument("--stills", type=Path, metavar="DIR", help="stills with the board on the table, face up")
    source.add_argument("--capture", type=Path, metavar="DIR", help="a capture whose depth shows the bare table")
    table.add_argument("--name", metavar="NAME", help="use this still only (default: all, the board has not moved)")
    table.add_argument(
        "--rig", type=Path, default=RIG, help="calibrated cameras; gets the table (default: %(default)s)"
    )

    hand_eye = _add(kinds, "hand-eye", _HAND_EYE)
    hand_eye.add_argument("stills", type=Path, metavar="DIR", help="stills, one NAME per pose of the robot")
    hand_eye.add_argument("--poses", type=Path, metavar="FILE", help="default: DIR/robot_poses.csv or .npy")
    hand_eye.add_argument("--eye-in-hand", action="store_true", help="the gripper holds the camera, the board lies")
    hand_eye.add_argument("--rig", type=Path, default=RIG, help="calibrated rig; gets cam2base (default: %(default)s)")

    for kind in (board, cameras, table, hand_eye):  # after DIR, which is a word without = as well
        add_settings(kind, "calibration.board.square_m=0.03")


def _add(kinds: argparse._SubParsersAction, name: str, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(name, help=what, description=what)
    return parser


def run(options: argparse.Namespace) -> Iterator[str]:
    """Calibrate what was asked for."""
    from sparsedff.jobs import calibrate

    settings = load(options).calibration
    if options.kind == "board":
        yield from calibrate.board(settings, options.out)
    elif options.kind == "cameras":
        factory = options.intrinsics == "factory"
        yield from calibrate.cameras(settings, options.stills, options.out, factory, options.table, options.depth)
    elif options.kind == "table" and options.stills:
        yield from calibrate.table_from_board(settings, options.stills, options.rig, options.name)
    elif options.kind == "table":
        yield from calibrate.table_from_depth(settings, options.capture, options.rig)
    else:
        yield from calibrate.hand_eye(settings, options.stills, options.rig, options.poses, options.eye_in_hand)
