"""A saved run's trajectory written for a robot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sparsedff.capture.files.rig_files import TRANSFORM, load_cam2base, load_rig
from sparsedff.errors import CalibrationError
from sparsedff.hands.registry import end_effector
from sparsedff.hands.timing import timed
from sparsedff.prepare.writable import check_writable
from sparsedff.runs.export import WORLD, RobotPath, signs_of, write_path
from sparsedff.runs.read import load_run


def export(run: Path, to: str, signs: str, rig: Path | None, folder: Path | None) -> Iterator[str]:
    """Write a run's trajectory; yields what was written and how long it takes.

    Args:
        run: its folder.
        to: one of FORMATS.
        signs: `mjcf` or `driver`.
        rig: folder of the calibrated rig, whose cam2base says where the robot stands; None leaves the palm in the
            table's frame.
        folder: where to write; None is the run's own.

    Raises:
        RunError, HandError: the run cannot be read.
        CalibrationError: the rig has no cam2base.
    """
    saved = load_run(run)
    spec = end_effector(saved.effector)
    base_from_world, frame = np.eye(4), WORLD
    if rig is not None:
        if not (rig / TRANSFORM).is_file():
            raise CalibrationError(f"--rig {rig}: no {TRANSFORM} there; name the folder of a calibrated rig")
        base_from_world, frame = load_cam2base(rig) @ load_rig(rig).cam0_from_world, "base"
    where = folder or saved.folder
    check_writable(where, "--output")
    path = RobotPath(spec.layout.names, timed(spec, saved.trajectory), base_from_world, frame, signs_of(spec, signs))
    for written in write_path(path, to, where):
        yield f"{to}: {written}"
    seconds = float(path.timed.seconds[-1])
    yield f"{len(path.timed.poses)} poses of {spec.name}, {seconds:.1f} s, palm in the frame {frame}, signs of {signs}"
