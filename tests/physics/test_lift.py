"""The tester is tested: what grasps is held, what misses or stays open is not, the same seed says the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest
import trimesh
from PIL import Image

from sparsedff.errors import CalibrationError, HandError, SparseDFFError
from sparsedff.evaluate.film import _key_moments, film_strip, save_film
from sparsedff.hands.pose import HandPose, load_reference_pose
from sparsedff.hands.shadow.joints import SHADOW_JOINTS
from sparsedff.physics.control import trial_hand
from sparsedff.physics.lift import lift_rate, lift_trial
from sparsedff.physics.settings import LiftSettings
from sparsedff.synthetic.sample import placed_monkey

POSE_FILE = Path(__file__).parents[2] / "data" / "sample" / "ref_pose_monkey.npy"
NO_SPREAD = replace(LiftSettings(), mass_spread=0.0, friction_spread=0.0, offset_sd_m=0.0, yaw_sd_rad=0.0)


@pytest.fixture(scope="module")
def pose() -> HandPose:
    return load_reference_pose(POSE_FILE, SHADOW_JOINTS)


@pytest.fixture(scope="module")
def monkey() -> dict:
    """The object of the sample's demonstration, as `lift_trial` wants it."""
    placed = placed_monkey("monkey_original")
    mesh = trimesh.Trimesh(placed.mesh.vertices, placed.mesh.faces, process=False)
    return {"mesh": mesh, "world_from_object": placed.world_from_object}


def moved(pose: HandPose, shift=(0.0, 0.0, 0.0), bend: float = 1.0) -> HandPose:
    return HandPose(pose.translation + shift, pose.rotation, bend * pose.joints)


def test_the_reference_grasp_holds(monkey, pose):
    rate, reports = lift_rate(grasp=pose, trials=5, **monkey)
    assert rate == 1.0, [report.reason for report in reports]
    for report in reports:
        assert report.reason == "held" and report.lifted_m == pytest.approx(0.2, abs=0.01)
        assert report.slip_m < 0.01 and report.approach_m < 0.01
    assert len({report.mass_kg for report in reports}) == len({report.friction for report in reports}) == 5


@pytest.mark.slow
def test_the_reference_grasp_holds_in_at_least_95_percent_of_trials(monkey, pose):
    rate, reports = lift_rate(grasp=pose, trials=20, **monkey)
    assert rate >= 0.95, [report.reason for report in reports if not report.success]


@pytest.mark.parametrize(
    ("shift", "bend"),
    [((0.10, 0.0, 0.0), 1.0), ((0.0, 0.0, 0.05), 1.0), ((0.0, 0.0, 0.0), 0.0), ((0.0, 0.0, 0.0), 0.5)],
    ids=["beside", "above", "open", "half open"],
)
def test_a_hand_that_misses_or_stays_open_fails(monkey, pose, shift, bend):
    rate, reports = lift_rate(grasp=moved(pose, shift, bend), trials=3, **monkey)
    assert rate == 0.0 and all(report.reason in ("not lifted", "dropped") for report in reports)
    assert all(report.lifted_m < 0.02 for report in reports)


@pytest.mark.parametrize("change", [{"friction": 0.05}, {"mass_kg": 3.0}, {"squeeze_n": 0.0, "travel_m": 0.0}])
def test_no_friction_too_much_weight_or_no_squeeze_fails(monkey, pose, change):
    """3 kg is beyond the pinch: two contacts of 10 N carry at most 2 x 0.9 x 10 N = 1.8 kg."""
    report = lift_trial(grasp=pose, settings=replace(LiftSettings(), **change), **monkey)
    assert not report.success


def test_the_same_seed_gives_the_same_numbers(monkey, pose):
    first, again, other = (lift_trial(grasp=pose, seed=seed, **monkey) for seed in (3, 3, 4))
    assert vars(first) == vars(again)
    assert vars(first) != vars(other)


def test_without_spread_only_pushes_differ(monkey, pose):
    settings = NO_SPREAD
    one, two = (lift_trial(grasp=pose, settings=settings, seed=seed, **monkey) for seed in (0, 1))
    assert (one.mass_kg, one.friction) == (two.mass_kg, two.friction) == (settings.mass_kg, settings.friction)
    assert one.slip_m != two.slip_m


def test_where_the_scene_stands_does_not_matter(monkey, pose):
    """Object and hand turned and moved together: the same trial but for rounding and the direction of pushes."""
    angle = 0.7
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    turn[:2, 3] = 0.2, -0.1
    settings = replace(NO_SPREAD, push_weights=0.0, shake_m=0.0)
    here = lift_trial(grasp=pose, settings=settings, **monkey)
    there = lift_trial(monkey["mesh"], pose.moved(turn), settings, 0, turn @ monkey["world_from_object"])
    assert here.success and there.success
    assert there.slip_m == pytest.approx(here.slip_m, abs=1e-3)


def test_a_given_path_is_followed(monkey, pose):
    path = [moved(pose, (0.0, 0.0, 0.2)), moved(pose, (0.0, 0.0, 0.05)), pose]
    report = lift_trial(grasp=path, record=True, **monkey)
    assert report.success
    assert report.frames[0].pose.translation == pytest.approx(path[0].translation, abs=2e-3)
    assert report.frames[-1].pose.translation[2] == pytest.approx(pose.translation[2] + 0.2, abs=5e-3)
    sideways = [moved(pose, (0.3, 0.0, 0.0)), pose]  # through the monkey
    assert lift_trial(grasp=sideways, **monkey).approach_m > 0.02


def test_a_hand_inside_the_object_holds_nothing(monkey, pose):
    """The solver would carry the monkey on a palm that lies within its head."""
    start = moved(pose, (0.0, 0.0, -0.10))
    report = lift_trial(grasp=[start, start], **monkey)
    assert not report.success and report.reason == "starts inside the object"


@pytest.mark.parametrize(("value", "reason"), [(np.nan, "not finite"), (50.0, "flew off")])
def test_a_solver_gone_wild_is_a_failure_with_its_reason(monkey, pose, monkeypatch, value, reason):
    step, calls = mujoco.mj_step, []

    def spoiled(model, data):
        calls.append(1)
        if len(calls) == 300:
            data.qvel[model.body("object").dofadr[0]] = value
        step(model, data)

    monkeypatch.setattr(mujoco, "mj_step", spoiled)
    report = lift_trial(grasp=pose, **monkey)
    assert not report.success and report.reason.startswith("unstable") and reason in report.reason
    assert len(calls) < 310


def test_errors(monkey, pose):
    with pytest.raises(HandError, match="no pose"):
        lift_trial(grasp=[], **monkey)
    with pytest.raises(CalibrationError, match="world_from_object"):
        lift_trial(monkey["mesh"], pose, world_from_object=np.diag([2.0, 2.0, 2.0, 1.0]))


def test_a_film_shows_every_phase(monkey, pose, tmp_path):
    report = lift_trial(grasp=pose, record=True, **monkey)
    assert [*dict.fromkeys(frame.phase for frame in report.frames)] == ["settle", "approach", "close", "lift", "hold"]
    assert [frame.phase for frame in _key_moments(report.frames)] == [
        "settle",
        "approach",
        "close",
        "lift",
        *2 * ["hold"],
    ]
    coarse = trimesh.creation.icosphere(1, 0.05)  # drawn instead of the monkey, for speed
    strip = film_strip((report.frames[0], report.frames[-1]), coarse, trial_hand(), size=(60, 80))
    assert strip.shape == (80, 2 * 60, 3) and strip.dtype == np.uint8 and strip.std() > 5
    save_film(report.frames[:3], coarse, tmp_path / "film.gif", trial_hand(), size=(40, 40))
    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 2
    with pytest.raises(SparseDFFError, match="record=True"):
        film_strip((), coarse, trial_hand())
    with pytest.raises(SparseDFFError, match=r"\.png .* or \.gif"):
        save_film(report.frames, coarse, tmp_path / "film.mp4", trial_hand())
