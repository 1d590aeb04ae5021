"""Which starts of an optimisation are still followed, what each has cost, and which pose is the best so far."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.geometry import nearest_rotation
from sparsedff.hands.pose import HandPose

Float = NDArray[np.float64]


@dataclass(frozen=True)
class StartRecord:
    """One start: its first and last energy, and before which step it was dropped (None: it ran to the end)."""

    first_energy: float
    last_energy: float
    dropped_at: int | None


class Candidates:
    """The book-keeping of `optimise`.

    Args:
        count: how many starts there are.
        aligned: indices of the starts that rigid alignments put there. The best of them is never dropped, and it wins
            unless another's energy is lower by more than `margin`, as a share of its own.
        margin: see `aligned`.
    """

    def __init__(self, count: int, aligned: Sequence[int] = (), margin: float = 0.0) -> None:
        self._aligned, self._margin = frozenset(aligned), margin
        self.alive: NDArray[np.int64] = np.arange(count)
        self._first: dict[int, float] = {}
        self._last = [math.inf] * count
        self._dropped: list[int | None] = [None] * count
        self._paths: list[dict[int, Float]] = []
        self._best: dict[int, tuple[float, int]] = {}  # lowest energy of each start, and at which step

    def drop(self, keep: int, step: int) -> Tensor | None:
        """Give up all but the `keep` lowest energies; returns the positions (keep,) that stay, None if all do."""
        if keep >= len(self.alive):
            return None
        energies = [self._last[index] for index in self.alive]
        aligned = [position for position, index in enumerate(self.alive) if int(index) in self._aligned]
        if aligned:
            energies[min(aligned, key=energies.__getitem__)] = -math.inf
        order = torch.tensor(energies).argsort()[:keep].sort().values
        staying = self.alive[order.numpy()]
        for gone in set(self.alive.tolist()) - set(staying.tolist()):
            self._dropped[gone] = step
        self.alive = staying
        return order

    def note(self, step: int, rows: Float, energies: list[float], counts: bool) -> float:
        """Take down one step of the starts that are followed; returns the lowest energy.

        Args:
            step: from 0.
            rows: (B, 12 + J) translation [m], rotation matrix row by row, joints [rad].
            energies: B values; those that are not finite count as infinite.
            counts: whether a pose of this step can be the best.
        """
        self._paths.append({int(start): row for start, row in zip(self.alive, rows, strict=True)})
        finite = [value if math.isfinite(value) else math.inf for value in energies]
        for start, value in zip(self.alive.tolist(), finite, strict=True):
            self._first.setdefault(start, value)
            self._last[start] = value
            if counts and value < self._best.get(start, (math.inf, 0))[0]:
                self._best[start] = value, step
        return min(finite)

    @property
    def found(self) -> bool:
        """Whether any pose has had a finite energy."""
        return bool(self._best)

    @property
    def winner(self) -> int:
        """Index of the best start."""
        lowest = self._lowest(self._best)
        aligned = self._aligned & self._best.keys()
        if not aligned:
            return lowest
        ahead = self._lowest(aligned)
        return ahead if self._best[lowest][0] >= (1 - self._margin) * self._best[ahead][0] else lowest

    def _lowest(self, starts: Iterable[int]) -> int:
        return min(starts, key=lambda start: (*self._best[start], start))

    def path(self) -> tuple[HandPose, ...]:
        """The best start's poses, one a step, the best pose last."""
        winner = self.winner
        return tuple(_pose(self._paths[step][winner]) for step in range(self._best[winner][1] + 1))

    def records(self) -> tuple[StartRecord, ...]:
        """One a start, in the order they were given."""
        return tuple(
            StartRecord(self._first[index], last, dropped)
            for index, (last, dropped) in enumerate(zip(self._last, self._dropped, strict=True))
        )


def _pose(row: Float) -> HandPose:
    rotation = nearest_rotation(row[3:12].reshape(3, 3))  # float32 rotations are orthonormal to 1e-6 only
    return HandPose(row[:3], rotation, row[12:])
