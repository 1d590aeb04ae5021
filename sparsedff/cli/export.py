"""`sparsedff export`: a run's trajectory for a robot."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

SUMMARY = "Write a run's trajectory for a robot: a table, arrays, or ROS 2 messages."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's folder, as data/output")
    parser.add_argument(
        "--to",
        choices=("csv", "npz", "ros2"),
        default="csv",
        help="ros2 = JointTrajectory and Path as YAML (default: %(default)s)",
    )
    parser.add_argument(
        "--signs", choices=("mjcf", "driver"), default="mjcf", help="joint signs: the model's or the robot driver's"
    )
    parser.add_argument("--rig", type=Path, metavar="DIR", help="calibrated rig with cam2base; without it: the table")
    parser.add_argument("--output", type=Path, metavar="DIR", help="where to write (default: the run's folder)")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Write the trajectory."""
    from sparsedff.jobs.export import export

    yield from export(options.run, options.to, options.signs, options.rig, options.output)
