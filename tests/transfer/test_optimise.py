"""The optimiser on transfers whose answer is known, its bookkeeping against runs of single starts, and its failures."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from sparsedff.errors import TransferError
from sparsedff.evaluate.metrics import surface_error
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import ApproachSettings
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.free_variables import decay as decay_of
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.starts import PALM_DOWN, Starts
from sparsedff.transfer.terms.registry import TERMS
from sparsedff.transfer.transfer import transfer
from tests.support.toy_runs import WEIGHTS, run, starts_for
from tests.support.transfer_toys import FEATURE_ONLY, demonstration, moved_cloud, planar, toy_energy, toy_hand

QUIET = AlignmentSettings(opt_iterations=24, jitter_m=0.0, drop_at=(), keep_starts=(), focus_at=0)


@pytest.mark.parametrize("yaw", [0, 75, 180, 250])
def test_a_moved_object_is_grasped_where_it_was_moved_to(yaw: float) -> None:
    test_from_reference = planar(yaw, 0.07, -0.05)
    energy = toy_energy(test_from_reference, WEIGHTS)
    schedule = AlignmentSettings(opt_iterations=160, drop_at=(15, 40), keep_starts=(5, 2))
    result = transfer(
        energy, demonstration(), Starts(tuple(starts_for(test_from_reference))), schedule, ApproachSettings(), seed=0
    )
    truth, hand = demonstration().moved(test_from_reference), toy_hand()
    assert surface_error(hand.surface_of(result.pose), hand.surface_of(truth)) < 0.003
    assert np.linalg.norm(result.pose.translation - truth.translation) < 0.005
    np.testing.assert_array_equal(result.trajectory[-1].row(), result.pose.row())
    np.testing.assert_array_equal(result.demonstration.row(), demonstration().row())
    assert len(result.trajectory) > 10 and set(result.terms) == set(TERMS.names)
    steps = np.diff([pose.translation for pose in result.trajectory], axis=0)
    assert np.linalg.norm(steps, axis=1).max() <= 0.01 + 1e-9
    assert np.linalg.norm(result.trajectory[0].translation - result.pose.translation) == pytest.approx(0.1)


def test_dropping_starts_changes_nothing_for_those_that_stay() -> None:
    """Adam's moments stay with their start; records, winner and dropped are those of runs of single starts."""
    where = planar(40, 0.03)
    energy, starts = toy_energy(where, WEIGHTS), starts_for(where, 6)
    alone = [run(energy, [start], QUIET) for start in starts]
    dropping = replace(QUIET, drop_at=(5, 11), keep_starts=(4, 2))
    found, lowest = run(energy, starts, dropping)
    series = np.array([each for _, each in alone])  # (start, step)

    at_5 = sorted(range(6), key=lambda i: series[i, 4])
    at_11 = sorted(at_5[:4], key=lambda i: series[i, 10])
    dropped = dict.fromkeys(at_5[4:], 5) | dict.fromkeys(at_11[2:], 11)
    for index, record in enumerate(found.starts):
        gone = dropped.get(index)
        assert record.dropped_at == gone
        assert record.first_energy == pytest.approx(series[index, 0], rel=1e-9)
        assert record.last_energy == pytest.approx(series[index, (gone or QUIET.opt_iterations) - 1], rel=1e-7)
    steps = range(QUIET.opt_iterations)
    alive = [[i for i in range(6) if dropped.get(i) is None or step < dropped[i]] for step in steps]
    np.testing.assert_allclose(lowest, [series[alive[step], step].min() for step in steps], rtol=1e-7)
    assert found.best_start == min(at_11[:2], key=lambda i: series[i].min())

    single = alone[found.best_start][0]
    assert len(found.path) == len(single.path)
    for pose, expected in zip(found.path, single.path, strict=True):
        np.testing.assert_allclose(pose.row(), expected.row(), atol=1e-6)


def test_the_path_goes_from_the_start_to_the_best_pose() -> None:
    where = planar(10, 0.02)
    energy, starts = toy_energy(where, WEIGHTS), starts_for(where, 3)
    found, lowest = run(energy, starts, QUIET)
    assert len(found.path) == 1 + int(np.argmin(lowest))
    first = found.path[0]
    np.testing.assert_allclose(first.translation, starts[found.best_start].translation, atol=1e-9)
    np.testing.assert_allclose(first.rotation, starts[found.best_start].rotation, atol=1e-9)
    with torch.no_grad():
        terms = energy.terms(*energy.goal.hand.pose_tensors(found.path[-1]))
    assert found.energy == pytest.approx(min(lowest), rel=1e-9) == pytest.approx(float(energy.total(terms)), rel=1e-9)
    assert found.terms == {name: float(value) for name, value in terms.items()}


def test_joints_begin_just_inside_their_stops_and_never_reach_them() -> None:
    low, high = toy_hand().joint_limits.numpy().T
    beyond = HandPose(np.array([0.06, 0, 0.2]), PALM_DOWN, np.where(np.arange(22) % 2, low - 0.3, high))
    found, _ = run(toy_energy(np.eye(4)), [beyond], replace(QUIET, joint_learning_rate=1.0))
    share = (found.path[0].joints - low) / (high - low)
    np.testing.assert_allclose(share, np.where(np.arange(22) % 2, 0.02, 0.98), atol=1e-9)
    for pose in found.path:
        assert ((pose.joints > low) & (pose.joints < high)).all()


def test_the_demonstrations_joints_are_the_first_ones() -> None:
    found, _ = run(toy_energy(np.eye(4)), starts_for(np.eye(4), 1), QUIET)
    low, high = toy_hand().joint_limits.numpy().T
    inside = np.clip(demonstration().joints, low + 0.02 * (high - low), high - 0.02 * (high - low))
    np.testing.assert_allclose(found.path[0].joints, inside, atol=1e-9)


def test_learning_rates_fall_along_a_cosine() -> None:
    schedule = AlignmentSettings(opt_iterations=300, learning_rate=1e-2, final_learning_rate=1e-4)
    decay = [decay_of(schedule, step) for step in range(300)]
    assert decay[0] == pytest.approx(1) and decay[-1] == pytest.approx(1e-2)
    assert (np.diff(decay) < 0).all()
    assert decay_of(schedule, 299 / 2) == pytest.approx((1 + 1e-2) / 2)
    assert decay_of(AlignmentSettings(opt_iterations=1, drop_at=(), keep_starts=()), 0) == pytest.approx(1)


def test_the_first_and_the_last_step_are_as_long_as_their_rates_say() -> None:
    """Adam's first step is the learning rate itself in every coordinate that has a gradient."""
    found, lowest = run(toy_energy(np.eye(4)), starts_for(planar(0, 0.3), 1), replace(QUIET, learning_rate=3e-3))
    assert np.argmin(lowest) == QUIET.opt_iterations - 1, "so far from the object every step goes down"
    steps = np.abs(np.diff([pose.translation for pose in found.path], axis=0))
    np.testing.assert_allclose(steps[0], 3e-3, rtol=1e-3)
    assert steps[-1].max() < 0.3e-3  # the last but one: nearly the final 1e-4
    low, high = toy_hand().joint_limits.numpy().T
    raw = [np.log((p.joints - low) / (high - p.joints)) for p in found.path[:2]]
    np.testing.assert_allclose(np.abs(raw[1] - raw[0]), QUIET.joint_learning_rate, rtol=1e-2)


def test_jitter_is_the_only_chance() -> None:
    energy, starts = toy_energy(planar(30)), starts_for(planar(30), 3)
    loud = replace(QUIET, opt_iterations=8, jitter_m=2e-3)
    one, again, other = (run(energy, starts, loud, seed)[0].path[-1].row() for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    quiet = [run(energy, starts, replace(QUIET, opt_iterations=8), seed)[0].path[-1].row() for seed in (1, 2)]
    np.testing.assert_array_equal(*quiet)


class Listening(Energy):
    """Notes what the optimiser asks for in each step."""

    def terms(self, translation, rotation, joints, jitter=None, focused=True):
        if jitter is not None:
            self.heard.append((float(jitter.std()), focused))
        return super().terms(translation, rotation, joints, jitter, focused)


def listening(energy: Energy) -> Listening:
    one = Listening(energy.goal, energy.weights)
    object.__setattr__(one, "heard", [])
    return one


def test_jitter_halves_each_step() -> None:
    energy = listening(toy_energy(np.eye(4)))
    run(energy, starts_for(np.eye(4), 4), replace(QUIET, opt_iterations=6, jitter_m=4e-3))
    np.testing.assert_allclose([jitter for jitter, _ in energy.heard], 4e-3 * 0.5 ** np.arange(6), rtol=0.2)


@pytest.mark.parametrize(("focus_at", "first"), [(0, 0), (4, 4), (7, 7)])
def test_contacts_count_more_from_the_step_on_that_was_asked_for(focus_at: int, first: int) -> None:
    """And only from there a pose can be the best."""
    energy, away, near = _strides(focus_at)
    found, lowest = run(energy, [near], away)
    assert [focused for _, focused in energy.heard] == [step >= first for step in range(8)]
    assert lowest[0] == min(lowest) and len(found.path) == 1 + first + int(np.argmin(lowest[first:]))
    assert found.energy == pytest.approx(min(lowest[first:]), rel=1e-9)


@pytest.mark.parametrize("focus_at", [8, 9, 1000, None])
def test_focusing_is_off_where_it_would_begin_after_the_last_step(focus_at: int | None) -> None:
    """The best pose is then that of all steps, and its energy is the one that was minimised."""
    energy, away, near = _strides(focus_at)
    emphasis = torch.linspace(0.0, 2.0, len(energy.goal.emphasis)).to(energy.goal.emphasis)
    energy = listening(replace(energy, goal=replace(energy.goal, emphasis=emphasis)))
    found, lowest = run(energy, [near], away)
    assert [focused for _, focused in energy.heard] == [False] * 8
    assert len(found.path) == 1 + int(np.argmin(lowest))
    assert found.energy == pytest.approx(min(lowest), rel=1e-9)


def _strides(focus_at: int | None) -> tuple[Listening, AlignmentSettings, HandPose]:
    """Eight steps whose strides lead away from the first pose, the best of all."""
    away = replace(QUIET, opt_iterations=8, focus_at=focus_at)
    away = replace(away, learning_rate=0.3, joint_learning_rate=0.3, final_learning_rate=0.3)
    near = HandPose(demonstration().translation, demonstration().rotation, demonstration().joints)
    return listening(toy_energy(np.eye(4), WEIGHTS)), away, near


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_start_with_a_finite_energy_is_an_error(value: float) -> None:
    energy = toy_energy(np.eye(4))
    broken = replace(energy, goal=replace(energy.goal, targets=torch.full_like(energy.goal.targets, value)))
    with pytest.raises(TransferError, match=r"^every start's energy is NaN or infinite; check [^\n]*$"):
        run(broken, starts_for(np.eye(4), 3), QUIET)


@pytest.mark.parametrize("far_m", [1e160, 1e290])
def test_a_start_that_leaves_the_finite_numbers_harms_no_other(far_m: float) -> None:
    energy, (good, other) = toy_energy(np.eye(4)), starts_for(np.eye(4), 2)
    lost = HandPose(np.array([far_m, 0, 0]), PALM_DOWN, good.joints)  # its squared distances overflow
    found, _ = run(energy, [lost, good, other], replace(QUIET, drop_at=(4,), keep_starts=(2,)))
    assert found.starts[0].first_energy == math.inf and found.starts[0].dropped_at == 4
    assert found.best_start in (1, 2) and math.isfinite(found.energy)
    same, _ = run(energy, [good, other], QUIET)
    np.testing.assert_allclose(found.path[-1].row(), same.path[-1].row(), atol=1e-6)


def test_more_starts_to_keep_than_there_are_drops_none() -> None:
    found, _ = run(toy_energy(np.eye(4)), starts_for(np.eye(4), 2), replace(QUIET, drop_at=(3, 99), keep_starts=(5, 1)))
    assert [start.dropped_at for start in found.starts] == [None, None]


def test_float32_finds_the_same_grasp() -> None:
    """The precision that runs have; the two part ways only by rounding."""
    from sparsedff.transfer.fields import field_of
    from sparsedff.transfer.transfer import make_energy
    from tests.support.hand_oracle import shadow
    from tests.support.transfer_toys import AS_PUBLISHED, cloud, weighted

    where = planar(20, 0.02)
    hand = shadow(torch.float32, 60)
    fields = field_of(cloud(), hand, AS_PUBLISHED), field_of(moved_cloud(where), hand, AS_PUBLISHED)
    single = make_energy(hand, fields, demonstration(), moved_cloud(where).points, weighted(FEATURE_ONLY))
    assert single.goal.targets.dtype == torch.float32
    short, double = (run(e, starts_for(where, 3), QUIET)[0] for e in (single, toy_energy(where)))
    assert short.energy == pytest.approx(double.energy, rel=1e-3)
    np.testing.assert_allclose(short.path[-1].row(), double.path[-1].row(), atol=2e-3)
