"""Of the starts that rigid alignments put there the best is never dropped; another must be clearly better to win."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.transfer.candidates import Candidates

ROWS = np.concatenate([np.zeros((4, 3)), np.tile(np.eye(3).reshape(-1), (4, 1)), np.zeros((4, 2))], axis=1)


def after(energies: list[float], aligned: tuple[int, ...] = (), margin: float = 0.0) -> Candidates:
    candidates = Candidates(len(energies), aligned, margin)
    candidates.note(0, ROWS[: len(energies)], energies, counts=True)
    return candidates


@pytest.mark.parametrize(
    ("energies", "margin", "winner"),
    [
        ([1.0, 0.95, 2.0], 0.1, 1),
        ([1.0, 0.95, 1.0], 0.1, 2),
        ([1.0, 0.91, 1.0], 0.1, 2),
        ([1.0, 0.89, 1.0], 0.1, 1),
        ([1.0, 0.99, 1.0], 0.0, 1),
        ([1.0, 1.0, 1.0], 0.0, 2),
    ],
)
def test_another_start_wins_only_beyond_the_margin(energies: list[float], margin: float, winner: int) -> None:
    assert after(energies, aligned=(2,), margin=margin).winner == winner
    assert after(energies).winner == int(np.argmin(energies)), "without an aligned start the lowest energy wins"


def test_the_aligned_start_is_never_dropped() -> None:
    candidates = after([1.0, 2.0, 9.0, 3.0], aligned=(2,), margin=0.1)
    order = candidates.drop(2, step=1)
    assert order is not None and candidates.alive.tolist() == [0, 2] == order.tolist()
    assert [record.dropped_at for record in candidates.records()] == [None, 1, None, 1]
    assert after([1.0, 2.0, 9.0, 3.0]).drop(2, step=1).tolist() == [0, 1]  # type: ignore[union-attr]


def test_an_aligned_start_without_a_finite_energy_does_not_win() -> None:
    candidates = after([1.0, float("nan"), 0.5], aligned=(1,), margin=0.5)
    assert candidates.found and candidates.winner == 2


def test_the_winners_path_ends_at_its_own_best_step() -> None:
    candidates = Candidates(2, aligned=(0,), margin=0.2)
    for step, energies in enumerate(([1.0, 1.0], [0.6, 0.9], [0.7, 0.55])):
        candidates.note(step, ROWS[:2], energies, counts=True)
    assert candidates.winner == 0 and len(candidates.path()) == 2


def test_several_aligned_starts_compete_among_themselves() -> None:
    candidates = after([1.0, 4.0, 3.0, 2.0], aligned=(1, 2), margin=0.1)
    order = candidates.drop(2, step=1)
    assert order is not None and candidates.alive.tolist() == [0, 2], "the worse aligned one goes"
    assert after([1.0, 1.3, 1.05, 2.0], aligned=(1, 2), margin=0.1).winner == 2
    assert after([1.0, 1.3, 1.2, 2.0], aligned=(1, 2), margin=0.1).winner == 0
