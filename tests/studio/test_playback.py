"""What is played back agrees with what the run says it found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparsedff.runs.read import SavedRun, load_run
from sparsedff.studio.playback import Playback


@pytest.fixture(scope="module")
def run(small_run: Path) -> SavedRun:
    return load_run(small_run)


def test_the_last_frame_is_the_result_and_its_terms_are_the_reports(run: SavedRun) -> None:
    playback = Playback(run)
    assert playback.frames == 6 + 1 and playback.starts == len(run.report["starts_energy"]) >= 3
    last = playback.frame(playback.frames - 1)
    np.testing.assert_array_equal(last.best.row(), run.pose.row())
    assert not last.ghosts
    terms = playback.terms(playback.frames - 1, playback.best_start)
    assert terms["energy"] == pytest.approx(run.report["energy"], rel=1e-5)


def test_ghosts_vanish_when_their_starts_are_dropped(run: SavedRun) -> None:
    playback = Playback(run)
    all_others = playback.starts - 1
    assert [len(playback.frame(index).ghosts) for index in range(6)] == [all_others] * 3 + [1] * 3  # two stay
    assert all(playback.best_start not in playback.frame(index).ghosts for index in range(6))


def test_weighted_terms_add_up_to_the_energy_of_the_history(run: SavedRun) -> None:
    playback, history = Playback(run), run.history
    assert history is not None
    for start in range(playback.starts):
        last = history.last_frame(start)
        for index in (0, 2, 5):
            at = min(index, last)
            assert playback.terms(index, start)["energy"] == pytest.approx(float(history.energy[at, start]), rel=1e-4)
    steps, energies = playback.curves()
    assert steps.shape == (6,) and energies.shape == (playback.starts, 6)


def test_the_table_names_all_terms_of_both_starts(run: SavedRun) -> None:
    playback = Playback(run)
    table = playback.table(2, 1)
    for name in ("feature", "self penetration", "posture", "**energy**", f"best ({playback.best_start})", "start 1"):
        assert name in table
    assert f"{playback.terms(2, 1)['feature']:.4f}" in table


def test_a_run_without_history_plays_its_path(run: SavedRun) -> None:
    playback = Playback(replace(run, history=None))
    assert playback.frames == len(run.trajectory) and playback.starts == 1 and playback.curves() is None
    first = playback.frame(0)
    np.testing.assert_array_equal(first.best.row(), run.trajectory[0].row())
    assert not first.ghosts and playback.terms(0, 0)["energy"] == pytest.approx(run.report["energy"], rel=1e-5)
