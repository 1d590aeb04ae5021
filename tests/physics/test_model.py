"""The model: masses, motors and cords as they should be; bodies fall, rest and slide as mechanics says."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
import trimesh

from sparsedff.errors import ConfigError
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.physics.control import set_hand, trial_hand
from sparsedff.physics.model import World, build_world
from sparsedff.physics.settings import LiftSettings
from tests.support.hand_oracle import load_shadow_model

SIZE, MASS, FRICTION = np.array([0.06, 0.08, 0.10]), 0.3, 0.5
PALM_DOWN = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(trimesh.creation.box(SIZE), MASS, FRICTION, LiftSettings(), trial_hand())


@pytest.fixture(scope="module")
def pose() -> HandPose:
    limits = load_shadow_model().joint_limits
    joints = limits[:, 0] + np.random.default_rng(1).uniform(0.3, 0.7, 22) * (limits[:, 1] - limits[:, 0])
    return trial_hand().reachable(HandPose(np.array([0.5, 0.0, 0.5]), PALM_DOWN, joints))


def simulate(world: World, height_m: float, seconds: float, push_n=(0.0, 0.0, 0.0)) -> mujoco.MjData:
    """The object alone, its middle `height_m` above the table; the hand waits far off."""
    data = mujoco.MjData(world.model)
    away = HandPose(np.array([2.0, 0.0, 1.0]), PALM_DOWN, np.clip(np.zeros(22), *load_shadow_model().joint_limits.T))
    set_hand(world, data, away)
    data.mocap_pos[world.target] = away.translation
    mujoco.mju_mat2Quat(data.mocap_quat[world.target], PALM_DOWN.reshape(9))
    data.qpos[world.object_qpos : world.object_qpos + 7] = (0, 0, height_m, 1, 0, 0, 0)
    data.xfrc_applied[world.object_body, :3] = push_n
    for _ in range(round(seconds / world.model.opt.timestep)):
        mujoco.mj_step(world.model, data)
    return data


def test_mass_and_inertia_are_those_of_a_box(world):
    assert world.model.body_mass[world.object_body] == pytest.approx(MASS)
    expected = MASS / 12 * ((SIZE**2).sum() - SIZE**2)
    assert np.sort(world.model.body_inertia[world.object_body]) == pytest.approx(np.sort(expected), rel=1e-6)


def test_a_mesh_off_its_origin_keeps_its_place():
    shifted = trimesh.creation.box(SIZE)
    shifted.apply_translation((0.3, -0.2, 0.1))
    world = build_world(shifted, MASS, FRICTION, LiftSettings(), trial_hand())
    assert world.body_from_mesh[:3, 3] == pytest.approx((-0.3, 0.2, -0.1))
    assert np.abs(world.corners_body).max(axis=0) == pytest.approx(SIZE / 2)


def test_a_dropped_box_falls_by_half_g_t_squared(world):
    seconds = 0.2
    fallen = 1.0 - simulate(world, 1.0, seconds).xpos[world.object_body][2]
    assert fallen == pytest.approx(0.5 * 9.81 * seconds**2, rel=0.02)


def test_a_box_rests_where_it_is_put(world):
    data = simulate(world, SIZE[2] / 2, 2.0)
    assert data.xpos[world.object_body] == pytest.approx((0, 0, SIZE[2] / 2), abs=3e-4)
    assert np.abs(data.qvel[: 6 + 22]).max() < 1e-3


def test_a_sphere_rests_at_its_radius():
    ball = trimesh.creation.icosphere(3, radius=0.04)
    world = build_world(ball, 0.1, 0.8, LiftSettings(), trial_hand())
    data = simulate(world, -ball.bounds[0, 2], 1.0)
    assert data.xpos[world.object_body] == pytest.approx((0, 0, 0.04), abs=5e-4)


@pytest.mark.parametrize(("share", "slides"), [(0.95, False), (1.2, True)])
def test_a_box_slides_beyond_friction_times_weight(world, share, slides):
    push = share * FRICTION * MASS * 9.81
    moved = simulate(world, SIZE[2] / 2, 1.0, (push, 0.0, 0.0)).xpos[world.object_body][0]
    free = 0.5 * (push / MASS - FRICTION * 9.81)  # over one second
    # MuJoCo's contacts are convex: a body that slides fast hops a little, and loses some friction by it.
    assert 0.95 * free < moved < 1.5 * free if slides else abs(moved) < 1e-3


def test_the_hand_has_the_packaged_motors_without_the_wrist(world):
    driven = {JOINT_NAMES[index] for index in world.motors}
    assert driven == set(JOINT_NAMES) - {"FFJ0", "MFJ0", "RFJ0", "LFJ0"}
    forces = dict(zip(world.motors.tolist(), world.model.actuator_forcerange[:, 1].tolist(), strict=True))
    assert forces[JOINT_NAMES.index("FFJ1")] == pytest.approx(0.7245)
    assert forces[JOINT_NAMES.index("THJ4")] == pytest.approx(2.3722)
    assert world.model.actuator_gainprm[:, 0] == pytest.approx(LiftSettings().stiffness)
    assert not any("WR" in world.model.joint(index).name for index in range(world.model.njnt))


def test_the_hand_is_the_one_that_grasps_are_found_with(world, pose):
    """Distal links stand in MuJoCo where the differentiable hand has them."""
    data = mujoco.MjData(world.model)
    set_hand(world, data, pose)
    mujoco.mj_kinematics(world.model, data)
    hand = ShadowHand(HandSettings(pt_nums=100))
    links = hand.world_from_links(*hand.pose_tensors(pose))[0].numpy()
    for name in ("ff", "mf", "rf", "lf", "th"):
        expected = links[hand.links.index(f"robot0:{name}distal")]
        body = world.model.body(f"robot0:{name}distal").id
        assert data.xpos[body] == pytest.approx(expected[:3, 3], abs=1e-5)
        assert data.xmat[body].reshape(3, 3) == pytest.approx(expected[:3, :3], abs=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [{"mass_kg": 0.0}, {"friction": -1.0}, {"mass_spread": 1.0}, {"timestep_s": 0.01}, {"lift_m": float("nan")}],
)
def test_settings_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(ConfigError, match=f"physics.{next(iter(wrong))}"):
        LiftSettings(**wrong)
