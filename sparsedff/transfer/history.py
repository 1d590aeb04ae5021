"""How an optimisation went: every start's pose and energy terms, step by step, for playing it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.errors import RunError
from sparsedff.files.npz import read_npz
from sparsedff.files.opened import decoding
from sparsedff.hands.pose import HandPose

Float = NDArray[np.floating]

MOST_FRAMES = 301
"""Longer optimisations are recorded every so many steps: what is played back need not be finer."""
_TERM = "term_"
_FARTHEST = 1e6  # [m, rad] a start that has gone astray stays a number in single precision


@dataclass(frozen=True, eq=False)
class History:
    """Frames of an optimisation; NaN where a start had been given up.

    Attributes:
        steps: (K,) int, rising.
        poses: (K, S, 8 + J) rows as of `HandPose.row`, of S starts.
        energy: (K, S) weighted sum as the optimiser saw it: with its jitter, and all points alike until focused.
        terms: unweighted terms by name, each (K, S).
    """

    steps: NDArray[np.int64]
    poses: Float
    energy: Float
    terms: Mapping[str, Float]

    def __post_init__(self) -> None:
        frames, starts = self.energy.shape
        fits = self.steps.shape == (frames,) and self.poses.shape[:2] == (frames, starts) and self.poses.ndim == 3
        if not fits or any(value.shape != (frames, starts) for value in self.terms.values()) or not frames:
            raise RunError("history: its arrays do not fit each other; make the run again")

    def alive(self, frame: int) -> NDArray[np.int64]:
        """Indices of the starts that were still followed in a frame."""
        return np.flatnonzero(np.isfinite(self.poses[frame]).all(axis=1))

    def pose(self, frame: int, start: int) -> HandPose:
        """A start's pose in a frame in which it is alive."""
        return HandPose.from_row(self.poses[frame, start])

    def last_frame(self, start: int) -> int:
        """The last frame in which a start is alive."""
        return int(np.flatnonzero(np.isfinite(self.poses[:, start]).all(axis=1))[-1])

    def save(self, path: Path) -> None:
        """Write history.npz."""
        arrays: dict[str, Any] = {_TERM + name: value for name, value in self.terms.items()}
        np.savez_compressed(path, steps=self.steps, poses=self.poses, energy=self.energy, **arrays)

    @staticmethod
    def load(path: Path) -> History | None:
        """Read history.npz; None where there is none, as in runs of older versions.

        Raises:
            RunError: the file is damaged.
        """
        if not path.exists():
            return None
        remedy = "make the run again, or delete it"
        arrays = read_npz(path, RunError, remedy)
        with decoding(path, RunError, remedy, "not a readable history"):
            if any(array.dtype.kind not in "fiu" for array in arrays.values()):
                raise ValueError("its arrays must hold numbers")
            terms = {name.removeprefix(_TERM): arrays[name] for name in arrays if name.startswith(_TERM)}
            return History(arrays["steps"], arrays["poses"], arrays["energy"], terms)


class Recorder:
    """Takes down an optimisation while it runs.

    Args:
        starts: how many there are.
        iterations: how many steps will be taken.
    """

    def __init__(self, starts: int, iterations: int) -> None:
        self._every = -(-iterations // MOST_FRAMES)
        self._starts, self._last = starts, iterations - 1
        self._steps: list[int] = []
        self._poses: list[Float] = []
        self._values: list[dict[str, Float]] = []

    def record(self, step: int, alive: NDArray[np.int64], rows: Float, values: Mapping[str, Float]) -> None:
        """One step.

        Args:
            step: from 0.
            alive: (B,) indices of the starts that are followed.
            rows: (B, 12 + J) translation [m], rotation matrix row by row, joints [rad].
            values: `energy` and the terms by name, each (B,).
        """
        if step % self._every and step != self._last:
            return
        width = rows.shape[1] - 9 + 3 + 2  # a rotation vector for the matrix, and the wrist's two zeros
        poses = np.full((self._starts, width), np.nan, dtype=np.float32)
        finite = np.isfinite(rows).all(axis=1)  # a start that left the finite numbers is as good as given up
        kept = rows[finite]
        if len(kept):
            vectors = Rotation.from_matrix(kept[:, 3:12].reshape(-1, 3, 3)).as_rotvec()
            result_rows = np.hstack([kept[:, :3], vectors, np.zeros((len(kept), 2)), kept[:, 12:]])
            poses[alive[finite]] = np.clip(result_rows, -_FARTHEST, _FARTHEST)
        self._steps.append(step)
        self._poses.append(poses)
        spread = {name: np.full(self._starts, np.nan, dtype=np.float32) for name in values}
        for name, value in values.items():
            spread[name][alive] = value
        self._values.append(spread)

    def history(self) -> History:
        """What was recorded."""
        values = {name: np.stack([frame[name] for frame in self._values]) for name in self._values[0]}
        energy = values.pop("energy")
        return History(np.array(self._steps), np.stack(self._poses), energy, values)
