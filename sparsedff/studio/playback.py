"""An optimisation played back: the poses of its starts in each frame, and their energies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.hands.pose import HandPose
from sparsedff.runs.read import SavedRun


@dataclass(frozen=True)
class PlaybackFrame:
    """One moment of an optimisation.

    Attributes:
        step: of the optimiser; of the path where the run has no history.
        best: pose of the winning start; its last pose in frames after it was dropped.
        ghosts: the other starts that are still followed, by index.
    """

    step: int
    best: HandPose
    ghosts: Mapping[int, HandPose]


class Playback:
    """A run's optimisation, frame by frame. A run without history shows its path alone.

    Args:
        run: what is played back.
    """

    def __init__(self, run: SavedRun) -> None:
        self._run, self._history = run, run.history
        self.best_start = int(run.report.get("best_start", 0))
        weights = run.report.get("config", {}).get("alignment", {}).get("weights", {})
        self._weights = {name: float(value) for name, value in weights.items()}

    @property
    def frames(self) -> int:
        """How many there are; the last one shows the result itself."""
        return (len(self._history.steps) if self._history else len(self._run.trajectory) - 1) + 1

    @property
    def starts(self) -> int:
        """How many starts were followed."""
        return self._history.poses.shape[1] if self._history else 1

    def frame(self, index: int) -> PlaybackFrame:
        """The frame of this index, from 0."""
        if index >= self.frames - 1:
            steps = self._history.steps if self._history else [len(self._run.trajectory) - 1]
            return PlaybackFrame(int(steps[-1]), self._run.pose, {})
        if self._history is None:
            return PlaybackFrame(index, self._run.trajectory[index], {})
        alive = self._history.alive(index)
        winner = min(index, self._history.last_frame(self.best_start))
        ghosts = {int(i): self._history.pose(index, int(i)) for i in alive if i != self.best_start}
        return PlaybackFrame(int(self._history.steps[index]), self._history.pose(winner, self.best_start), ghosts)

    def curves(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Steps (K,) and energies (S, K) of all starts, NaN after they were dropped; None without history."""
        if self._history is None:
            return None
        return self._history.steps.astype(np.float64), self._history.energy.T.astype(np.float64)

    def terms(self, index: int, start: int) -> dict[str, float]:
        """Weighted energy terms of a start in a frame, `energy` last; those before it was dropped, if it was."""
        if self._history is None or (index >= self.frames - 1 and start == self.best_start):
            values = {name: float(value) for name, value in self._run.report.get("energy_terms", {}).items()}
        else:
            at = min(index, self._history.last_frame(start), len(self._history.steps) - 1)
            values = {name: float(value[at, start]) for name, value in self._history.terms.items()}
        weighted = {name: self._weights.get(name, 1.0) * value for name, value in values.items()}
        return weighted | {"energy": sum(weighted.values())}

    def table(self, index: int, other: int) -> str:
        """Markdown: the winner's terms beside those of another start."""
        mine, theirs = self.terms(index, self.best_start), self.terms(index, other)
        lines = [f"| weighted term | best ({self.best_start}) | start {other} |", "|---|---|---|"]
        for name, value in mine.items():
            mark = "**" if name == "energy" else ""
            lines.append(
                f"| {mark}{name.replace('_', ' ')}{mark} | {value:.4f} | {theirs.get(name, float('nan')):.4f} |"
            )
        return "\n".join(lines)
