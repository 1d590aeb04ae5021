"""What is played back is what happened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sparsedff.errors import RunError
from sparsedff.transfer import history
from sparsedff.transfer.history import History
from sparsedff.transfer.optimise import Optimised
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.terms.registry import TERMS
from tests.support.toy_runs import WEIGHTS, run, starts_for
from tests.support.transfer_toys import planar, toy_energy

SCHEDULE = AlignmentSettings(opt_iterations=12, drop_at=(4,), keep_starts=(2,), focus_at=0, jitter_m=0.0)


@pytest.fixture(scope="module")
def found() -> Optimised:
    where = planar(40, 0.03)
    return run(toy_energy(where, WEIGHTS), starts_for(where, 5), SCHEDULE)[0]


def test_every_start_is_followed_until_it_is_dropped(found: Optimised) -> None:
    recorded = found.history
    assert recorded.steps.tolist() == list(range(12)) and set(recorded.terms) == set(TERMS.names)
    for start, record in enumerate(found.starts):
        frames = 12 if record.dropped_at is None else record.dropped_at
        assert recorded.last_frame(start) == frames - 1
        energy = recorded.energy[:frames, start]
        assert np.isfinite(energy).all() and np.isnan(recorded.energy[frames:, start]).all()
        assert energy[0] == pytest.approx(record.first_energy) and energy[-1] == pytest.approx(record.last_energy)
    assert recorded.alive(3).tolist() == [0, 1, 2, 3, 4] and len(recorded.alive(4)) == 2


def test_the_winners_frames_are_its_path_and_terms_add_up_to_the_energy(found: Optimised) -> None:
    recorded = found.history
    for frame, pose in enumerate(found.path):
        same = recorded.pose(frame, found.best_start)
        np.testing.assert_allclose(same.world_from_palm, pose.world_from_palm, atol=1e-5)
        np.testing.assert_allclose(same.joints, pose.joints, atol=1e-6)
    total = sum(WEIGHTS[name] * value for name, value in recorded.terms.items())
    np.testing.assert_allclose(total, recorded.energy, rtol=1e-4)


def test_long_optimisations_are_thinned_and_keep_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_FRAMES", 5)
    where = planar(0, 0.0)
    quiet = AlignmentSettings(opt_iterations=23, drop_at=(), keep_starts=(), focus_at=0)
    long = run(toy_energy(where, WEIGHTS), starts_for(where, 2), quiet)[0]
    assert long.history.steps.tolist() == [0, 5, 10, 15, 20, 22]


def test_a_history_is_read_back_and_its_absence_is_no_fault(found: Optimised, tmp_path: Path) -> None:
    path = tmp_path / "history.npz"
    assert History.load(path) is None
    found.history.save(path)
    read = History.load(path)
    assert read is not None
    np.testing.assert_array_equal(read.poses, found.history.poses)
    np.testing.assert_array_equal(read.terms["feature"], found.history.terms["feature"])


@pytest.mark.parametrize("fault", ["truncated", "lengths", "missing"])
def test_a_damaged_history_is_refused(found: Optimised, tmp_path: Path, fault: str) -> None:
    path, recorded = tmp_path / "history.npz", found.history
    if fault == "truncated":
        recorded.save(path)
        path.write_bytes(path.read_bytes()[:300])
    elif fault == "lengths":
        np.savez(path, steps=recorded.steps[:3], poses=recorded.poses, energy=recorded.energy)
    else:
        np.savez(path, steps=recorded.steps)
    with pytest.raises(RunError, match=r"histor"):
        History.load(path)
