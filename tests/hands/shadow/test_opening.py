"""Pads and cords: MuJoCo judges the jacobians; opening moves pads apart; an approach stays clear where it can."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
import torch
import trimesh

from sparsedff.hands.approach import densified, plan_approach
from sparsedff.hands.closing import inward, pads
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import ApproachSettings, HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.physics.control import set_hand, squeeze, trial_hand
from sparsedff.physics.model import World, build_world
from sparsedff.physics.settings import LiftSettings

PALM_DOWN = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


@pytest.fixture(scope="module")
def hand() -> ShadowHand:
    return ShadowHand(HandSettings(pt_nums=100), dtype=torch.float64)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(trimesh.creation.box((0.06, 0.08, 0.10)), 0.3, 0.5, LiftSettings(), trial_hand())


@pytest.fixture(scope="module")
def pose(hand: ShadowHand) -> HandPose:
    limits = hand.limits_rad
    joints = limits[:, 0] + np.random.default_rng(1).uniform(0.3, 0.7, 22) * (limits[:, 1] - limits[:, 0])
    return hand.reachable(HandPose(np.array([0.5, 0.0, 0.5]), PALM_DOWN, joints))


def test_pads_and_jacobians_are_those_of_mujoco(hand: ShadowHand, world: World, pose: HandPose) -> None:
    positions, jacobians = pads(hand, pose)
    data = mujoco.MjData(world.model)
    set_hand(world, data, pose)
    mujoco.mj_kinematics(world.model, data)
    mujoco.mj_comPos(world.model, data)
    full = np.empty((3, world.model.nv))
    for index, finger in enumerate(("ff", "mf", "rf", "lf", "th")):
        body = world.model.body(f"robot0:{finger}distal").id
        off = data.xmat[body].reshape(3, 3).T @ (positions[index] - data.xpos[body])
        assert off == pytest.approx((-0.009, 0.0, 0.017) if finger == "th" else (0.0, -0.007, 0.016), abs=1e-5)
        mujoco.mj_jac(world.model, data, full, None, positions[index], body)
        ours, judged = jacobians[index], full[:, world.joint_dof].copy()
        for name in ("FF", "MF", "RF", "LF"):  # the cord: J1's motor bends J0 as well
            inner, outer = JOINT_NAMES.index(f"{name}J1"), JOINT_NAMES.index(f"{name}J0")
            judged[:, inner] += 0.00805 / 0.00705 * judged[:, outer]
            judged[:, outer] = 0.0
        assert ours == pytest.approx(judged, abs=1e-5)


def test_reachable_keeps_what_the_cords_allow_and_moves_the_rest_onto_them(hand: ShadowHand, pose: HandPose) -> None:
    assert hand.reachable(pose).joints == pytest.approx(pose.joints)
    joints = pose.joints.copy()
    joints[[2, 3]] = 1.2, 0.1
    bent = hand.reachable(HandPose(pose.translation, pose.rotation, joints)).joints
    assert 0.00705 * bent[3] - 0.00805 * bent[2] == pytest.approx(-0.001)
    untouched = [index for index in range(22) if index not in (2, 3)]
    assert bent[untouched] == pytest.approx(pose.joints[untouched])


def test_squeezing_forces_balance_and_opening_undoes_them(hand: ShadowHand, world: World, pose: HandPose) -> None:
    before, _ = pads(hand, pose)
    directions = inward(before)
    assert np.linalg.norm(directions, axis=1) == pytest.approx(1.0)
    apart, _ = pads(hand, hand.opened(pose, 0.02))
    assert np.einsum("fk,fk->f", before - apart, directions).min() > 0.01
    one, two = squeeze(world, pose, 5.0, 0.01), squeeze(world, pose, 10.0, 0.01)
    assert two.torques == pytest.approx(2 * one.torques)
    closing = (one.high + one.low) * one.torques
    assert closing.min() >= -1e-12 and np.abs(one.low * one.high).max() == 0


def test_an_approach_ends_at_the_grasp_and_begins_backed_off_and_open(hand: ShadowHand, pose: HandPose) -> None:
    nothing = np.full((1, 3), 9.0)
    off, wide, grasp = plan_approach(hand, pose, nothing, ApproachSettings(opening_m=0.02, back_off_m=0.12))
    np.testing.assert_allclose(grasp.joints, pose.joints, atol=1e-12)
    np.testing.assert_array_equal(wide.translation, pose.translation)
    np.testing.assert_array_equal(off.joints, wide.joints)
    assert off.translation - pose.translation == pytest.approx(0.12 * pose.rotation[:, 1])
    positions, _ = pads(hand, pose)
    assert np.linalg.norm(pads(hand, wide)[0] - positions, axis=1).min() > 0.005


def test_an_approach_avoids_what_stands_behind_the_palm(hand: ShadowHand, pose: HandPose) -> None:
    back = pose.translation + 0.08 * pose.rotation[:, 1]
    wall = back + np.random.default_rng(0).uniform(-0.04, 0.04, (400, 3)) @ np.diag([1.0, 1.0, 0.2])
    straight, _, _ = plan_approach(hand, pose, np.full((1, 3), 9.0))
    around, _, _ = plan_approach(hand, pose, wall)
    straight_way, way = straight.translation - pose.translation, around.translation - pose.translation
    assert np.linalg.norm(way) == pytest.approx(0.1)
    assert not np.allclose(way, straight_way), "the wall is on the straight way"


def test_a_dense_path_has_small_steps_and_the_same_waypoints(hand: ShadowHand, pose: HandPose) -> None:
    path = plan_approach(hand, pose, np.full((1, 3), 9.0))
    dense = densified(path)
    assert all(any(one is waypoint for one in dense) for waypoint in path)
    palm = np.array([one.translation for one in dense])
    joints = np.array([one.joints for one in dense])
    assert np.linalg.norm(np.diff(palm, axis=0), axis=1).max() <= 0.01 + 1e-9
    assert np.abs(np.diff(joints, axis=0)).max() <= 0.1 + 1e-9
    assert densified(path[-1:]) == path[-1:]
