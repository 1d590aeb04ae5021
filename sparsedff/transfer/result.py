"""TransferResult: all that a transfer found, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.hands.pose import HandPose
from sparsedff.transfer.candidates import StartRecord
from sparsedff.transfer.history import History


@dataclass(frozen=True, eq=False)
class TransferResult:
    """The transferred grasp and how it was found.

    Attributes:
        demonstration: the hand in the reference scene.
        pose: the hand in the test scene.
        trajectory: poses for a robot to follow, from an open hand backed off to `pose`; see `plan_approach`.
        terms: unweighted energy terms at `pose` by name.
        energy: their weighted sum.
        starts: one record a start.
        best_start: the winner among them.
        history: every start's poses and energies, for playing it back.
    """

    demonstration: HandPose
    pose: HandPose
    trajectory: tuple[HandPose, ...]
    terms: dict[str, float]
    energy: float
    starts: tuple[StartRecord, ...]
    best_start: int
    history: History
