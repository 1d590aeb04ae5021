"""Plans and verdicts in closed form, without any simulation."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sparsedff.hands.pose import HandPose
from sparsedff.physics import plan as plan_module
from sparsedff.physics.control import trial_hand
from sparsedff.physics.plan import Plan, make_plan
from sparsedff.physics.report import Track, judge
from sparsedff.physics.settings import LiftSettings

SETTINGS = LiftSettings()
GRASP = HandPose(np.array([0.1, 0.0, 0.2]), np.eye(3), np.full(22, 0.1))


@pytest.fixture
def plan(monkeypatch) -> Plan:
    monkeypatch.setattr(plan_module, "squeeze", lambda *_: None)
    start = HandPose(GRASP.translation + np.array([0, 0, 0.1]), np.eye(3), np.zeros(22))
    world = SimpleNamespace(motors=np.arange(18), hand=trial_hand())
    return make_plan(world, [start, GRASP], SETTINGS, np.random.default_rng(0))


def rides(plan: Plan, **changes) -> Track:
    """The object 5 cm below a palm that rises as commanded, both level; `changes` replace columns of it."""
    rise = np.concatenate([np.zeros(plan.grasped), np.linspace(0, 0.2, plan.lifted - plan.grasped)])
    rise = np.concatenate([rise, np.full(plan.steps - len(rise), 0.2)])
    palm = np.stack([0 * rise, 0 * rise, 0.2 + rise], axis=1)
    level = np.tile(np.eye(3), (plan.steps, 1, 1))
    columns = {"object_m": palm - np.array([0, 0, 0.05]), "palm_m": palm, "object_turn": level, "palm_turn": level}
    return Track(**{**columns, "depth_m": np.full(plan.steps, 0.001), **changes})


def test_the_plan_goes_to_the_grasp_lifts_and_comes_back_to_rest(plan):
    seconds = SETTINGS.settle_s + SETTINGS.approach_s + SETTINGS.close_s + SETTINGS.lift_s
    assert plan.lifted == round(seconds / SETTINGS.timestep_s)
    assert plan.palm_m[plan.grasped - 1] == pytest.approx(GRASP.translation)
    assert plan.joints[plan.grasped] == pytest.approx(GRASP.joints[:18])
    assert plan.palm_m[-1] == pytest.approx(GRASP.translation + np.array([0, 0, SETTINGS.lift_m]))
    assert np.abs(np.diff(plan.palm_m, axis=0)).max() < 0.5 * SETTINGS.timestep_s  # nowhere above 0.5 m/s
    assert plan.phase(0) == "settle" and plan.phase(plan.grasped) == "lift" and plan.phase(plan.steps - 1) == "hold"


def test_pushes_are_half_the_weight_come_from_all_sides_and_end_before_the_verdict(plan):
    strength = np.linalg.norm(plan.pushes, axis=1)
    quiet = round(SETTINGS.rest_s / SETTINGS.timestep_s)
    assert np.all(strength[: plan.lifted] == 0) and np.all(strength[-quiet:] == 0)
    assert strength[plan.lifted : -quiet] == pytest.approx(SETTINGS.push_weights)
    assert len(np.unique(plan.pushes, axis=0)) == 1 + round(SETTINGS.hold_s / SETTINGS.push_s)
    shaken = plan.palm_m[plan.lifted :] - plan.palm_m[-1]
    assert 0.5 * SETTINGS.shake_m < np.linalg.norm(shaken, axis=1).max() <= SETTINGS.shake_m


def test_an_object_that_rides_along_is_held(plan):
    report = judge(rides(plan), plan, SETTINGS, 0.2, 0.9)
    assert report.success and report.reason == "held"
    assert (
        report.depth_m == 0.001
        and report.lifted_m == pytest.approx(0.2)
        and report.slip_m == pytest.approx(0)
        and report.turn_rad == 0
    )


def test_a_turn_of_palm_and_object_together_is_no_slip(plan):
    angle = np.linspace(0, 0.5, plan.steps)
    turns = np.tile(np.eye(3), (plan.steps, 1, 1))
    turns[:, 0, 0] = turns[:, 1, 1] = np.cos(angle)
    turns[:, 1, 0], turns[:, 0, 1] = np.sin(angle), -np.sin(angle)
    palm = rides(plan).palm_m
    offset = np.einsum("tij,j->ti", turns, [0.1, 0.0, -0.05])
    report = judge(rides(plan, object_m=palm + offset, object_turn=turns, palm_turn=turns), plan, SETTINGS, 0.2, 0.9)
    assert report.success and report.slip_m == pytest.approx(0, abs=1e-12)
    assert report.turn_rad == pytest.approx(0, abs=1e-6)


def test_every_failure_has_its_reason(plan):
    held = rides(plan)
    after = np.arange(plan.steps) >= plan.lifted + 200
    left = np.tile(held.object_m[0], (plan.steps, 1))
    late = np.clip((np.arange(plan.steps) - plan.steps + 150) / 150, 0, None)[:, None]  # the last 0.3 s
    cases = {
        "not lifted": rides(plan, object_m=left),
        "dropped": rides(plan, object_m=np.where(after[:, None], left, held.object_m)),
        "slipped": rides(plan, object_m=held.object_m + after[:, None] * np.array([0.05, 0.0, 0.0])),
        "still sliding": rides(plan, object_m=held.object_m - late * np.array([0.0, 0.0, 0.01])),
        "starts inside the object": rides(plan, depth_m=np.linspace(0.02, 0.0, plan.steps)),
        "ends inside the object": rides(plan, depth_m=np.linspace(0.0, 0.02, plan.steps)),
        "unstable: it flew": rides(plan, fault="it flew"),
    }
    for reason, track in cases.items():
        report = judge(track, plan, SETTINGS, 0.2, 0.9)
        assert report.reason == reason and not report.success


def test_a_track_that_ends_early_has_no_slip(plan):
    held = rides(plan)
    short = Track(
        held.object_m[:5], held.palm_m[:5], held.object_turn[:5], held.palm_turn[:5], held.depth_m[:5], "it flew"
    )
    report = judge(short, plan, SETTINGS, 0.2, 0.9)
    assert report.reason == "unstable: it flew" and np.isnan(report.slip_m) and np.isfinite(report.lifted_m)
