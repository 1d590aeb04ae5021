"""Every end effector in a lift trial: it stands where the differentiable hand has it, and a gripper holds a box."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
import pytest
import trimesh
import yaml

from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import SHIPPED, end_effector
from sparsedff.physics.control import set_hand, squeeze, trial_hand
from sparsedff.physics.lift import lift_trial
from sparsedff.physics.model import World, build_world
from sparsedff.physics.settings import LiftSettings

DOWN = np.stack([(1, 0, 0), (0, 0, 1), (0, -1, 0)], axis=1)
BOX = trimesh.creation.box((0.04, 0.03, 0.10))


def world_of(name: str) -> World:
    return build_world(BOX, 0.2, 0.9, LiftSettings(), trial_hand(end_effector(name)))


@pytest.mark.parametrize("name", SHIPPED)
def test_links_stand_in_mujoco_where_the_hand_has_them(name: str) -> None:
    world = world_of(name)
    hand, data = world.hand, mujoco.MjData(world.model)
    joints = np.random.default_rng(0).uniform(*hand.limits_rad.T)
    pose = HandPose(np.array([0.3, 0.2, 0.5]), DOWN, joints)
    set_hand(world, data, pose)
    mujoco.mj_kinematics(world.model, data)
    links = hand.world_from_links(*hand.pose_tensors(pose))[0].numpy()
    for link, place in zip(hand.links, links, strict=True):
        body = data.body(link)
        np.testing.assert_allclose(body.xpos, place[:3, 3], atol=1e-5)
        np.testing.assert_allclose(body.xmat.reshape(3, 3), place[:3, :3], atol=1e-4)
    np.testing.assert_allclose(world.joints(data), joints, atol=1e-12)
    assert len(world.motors) == world.model.nu and set(world.motors) <= set(range(len(joints)))


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "shadow_hand"])
def test_a_squeeze_presses_thumb_and_fingers_together(name: str) -> None:
    world = world_of(name)
    spec, limits = world.hand.spec, world.hand.limits_rad
    pose = HandPose(np.zeros(3), np.eye(3), spec.posture(spec.ready, limits))
    one, two = (squeeze(world, pose, newtons, 0.01) for newtons in (5.0, 10.0))
    np.testing.assert_allclose(two.torques, 2 * one.torques)
    assert ((one.high + one.low) * one.torques >= -1e-12).all() and np.abs(one.torques).max() > 0


def test_a_grippers_motor_gives_the_force_that_is_asked_for() -> None:
    world = world_of("parallel_gripper")
    pressed = squeeze(world, HandPose(np.zeros(3), np.eye(3), np.array([0.04])), 10.0, 0.01)
    np.testing.assert_allclose(pressed.torques, [-10.0], rtol=1e-6)


def test_a_hand_with_other_axes_and_no_motors_gets_a_palm_and_motors(tmp_path: Path) -> None:
    (tmp_path / "two.xml").write_text(
        '<mujoco><compiler angle="degree"/><worldbody><body name="base" pos="1 2 3" euler="10 20 30">'
        '<geom type="box" size=".02 .02 .02"/>'
        '<body name="left" pos=".02 0 .02"><joint name="bend" axis="0 1 0" limited="true" range="-30 30"/>'
        '<geom type="capsule" size=".008" fromto="0 0 .01 0 0 .05"/></body>'
        '<body name="right" pos="-.02 0 .02"><joint name="copy" axis="0 1 0" limited="true" range="-30 30"/>'
        '<geom type="sphere" size=".01" pos="0 0 .03"/></body></body></worldbody></mujoco>'
    )
    finger = {"pad_m": [0, 0, 0.05], "normal": [-1, 0, 0]}
    content = {
        "meaning": "two fingers",
        "model": {"file": "two.xml"},
        "root": "base",
        "approach": [0, 0, 1],
        "pointing": [0, 1, 0],
        "joints": ["bend"],
        "followers": {"copy": {"leader": "bend", "ratio": -1.0}},
        "fingers": {
            "A": {"roles": "index", "tip": "left", **finger},
            "B": {"roles": "thumb", "tip": "right", **finger},
        },
    }
    (tmp_path / "two.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    world = world_of(str(tmp_path / "two.yaml"))
    hand, data = world.hand, mujoco.MjData(world.model)
    pose = HandPose(np.array([0.3, 0.2, 0.5]), DOWN, np.array([0.2]))
    set_hand(world, data, pose)
    mujoco.mj_kinematics(world.model, data)
    links = hand.world_from_links(*hand.pose_tensors(pose))[0].numpy()
    for link, place in zip(hand.links, links, strict=True):
        np.testing.assert_allclose(data.body(link).xpos, place[:3, 3], atol=1e-6)
    np.testing.assert_allclose(
        data.body("right").xmat.reshape(3, 3), links[hand.links.index("right")][:3, :3], atol=1e-6
    )
    assert world.model.nu == 1 and world.joints(data) == pytest.approx([0.2])


@pytest.mark.slow
def test_a_gripper_holds_a_box_and_not_one_that_it_misses() -> None:
    spec, stands = end_effector("parallel_gripper"), np.eye(4)
    stands[2, 3] = 0.05
    for off, held in ((0.0, True), (0.06, False)):
        grasp = HandPose(np.array([0.0, off, 0.135]), DOWN, np.array([0.042]))
        report = lift_trial(BOX, grasp, LiftSettings(hold_s=0.5), 0, stands, effector=spec)
        assert report.success == held, report.reason
