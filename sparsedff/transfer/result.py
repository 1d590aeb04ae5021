"""TransferResult: all that a transfer found, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparsedff.hands.pose import HandPose
from sparsedff.transfer.history import History
from sparsedff.transfer.optimise import StartRecord


@dataclass(frozen=True)
class TransferResult:
    """The transferred grasp and how it was found.

    Attributes:
        demonstration: the hand in the reference scene.
        pose: the hand in the test scene.
        trajectory: execution path to `pose`, thinned; `pose` is its last.
        terms: unweighted energy terms at `pose` by name.
        energy: their weighted sum.
        starts: one record a start.
        best_start: the winner among them.
        history: every start's way, for playing it back.
    """

    demonstration: HandPose
    pose: HandPose
    trajectory: tuple[HandPose, ...]
    terms: dict[str, float]
    energy: float
    starts: tuple[StartRecord, ...]
    best_start: int
    history: History


def thin_path(path: tuple[HandPose, ...], spacing_m: float = 0.01) -> tuple[HandPose, ...]:
    """Poses at which the palm has moved `spacing_m` since the last one kept; the first and the last always stay."""
    kept = [path[0]]
    for pose in path[1:-1]:
        if np.linalg.norm(pose.translation - kept[-1].translation) >= spacing_m:
            kept.append(pose)
    return (*kept, path[-1]) if len(path) > 1 else tuple(kept)
