"""The challenge's table of results: scene_id,im_id,obj_id,score,R,t,time; t in millimetres, R row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sparsedff.bop.entries import M_PER_MM, checked_rotation
from sparsedff.common.atomic import write_file
from sparsedff.errors import BopError
from sparsedff.files.table import read_table
from sparsedff.geometry import Float, transform

COLUMNS = ("scene_id", "im_id", "obj_id", "score", "R", "t", "time")
_REMEDY = f"columns are {','.join(COLUMNS)} (docs/bop.md)"


@dataclass(frozen=True, eq=False)
class Estimate:
    """A pose that a method found.

    Attributes:
        scene_id, im_id, obj_id: where, and of what.
        score: how sure the method is; only the order counts.
        camera_from_model: (4, 4) [m].
        time_s: that all estimates of the image took together [s]; -1 = unknown.
    """

    scene_id: int
    im_id: int
    obj_id: int
    score: float
    camera_from_model: Float
    time_s: float = -1.0


def read_results(path: Path) -> list[Estimate]:
    """The estimates of a CSV file; a line of column names may be missing.

    Raises:
        BopError: missing, damaged, or a line is wrong; names file and line.
    """
    lines = read_table(path, BopError, _REMEDY)
    start = 1 if lines and lines[0][0] == COLUMNS[0] else 0
    return [_estimate(cells, f"{path}: row {number}") for number, cells in enumerate(lines[start:], start + 1)]


def write_results(estimates: Iterable[Estimate], path: Path) -> None:
    """Write estimates, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    lines = [",".join(COLUMNS)]
    for one in estimates:
        turn = _words(one.camera_from_model[:3, :3].reshape(-1))
        shift = _words(one.camera_from_model[:3, 3] / M_PER_MM)
        numbers = f"{one.scene_id},{one.im_id},{one.obj_id},{float(one.score)!r}"
        lines.append(f"{numbers},{turn},{shift},{float(one.time_s)!r}")
    write_file(path, "\n".join(lines) + "\n")


def _estimate(cells: list[str], where: str) -> Estimate:
    if len(cells) != len(COLUMNS):
        raise BopError(f"{where}: has {len(cells)} cells, {len(COLUMNS)} are needed; {_REMEDY}")
    try:
        scene_id, im_id, obj_id = (int(cell) for cell in cells[:3])
        score, time_s = float(cells[3]), float(cells[6])
        turn, shift = (np.array([float(word) for word in cell.split()]) for cell in cells[4:6])
    except ValueError as fault:
        raise BopError(f"{where}: {fault!s:.80}; {_REMEDY}") from None
    if turn.shape != (9,) or shift.shape != (3,):
        raise BopError(f"{where}: R has {turn.size} numbers and t {shift.size}, 9 and 3 are needed; {_REMEDY}")
    if not np.isfinite([*turn, *shift, score, time_s]).all():
        raise BopError(f"{where}: contains NaN or infinity; {_REMEDY}")
    pose = transform(checked_rotation(turn.reshape(3, 3), f"{where}: R"), M_PER_MM * shift)
    return Estimate(scene_id, im_id, obj_id, score, pose, time_s)


def _words(values: Float) -> str:
    return " ".join(repr(float(value)) for value in values)
