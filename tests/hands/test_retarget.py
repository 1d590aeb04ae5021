"""Another hand takes over a grasp: the same hand gets it back, jaws stand where thumb and fingers were."""

from __future__ import annotations

import numpy as np
import trimesh

from sparsedff.hands.closing import pads
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import end_effector
from sparsedff.hands.retarget import retargeted, shown_touches
from sparsedff.hands.settings import HandSettings

GRIPPER = ModelHand(end_effector("parallel_gripper"), HandSettings(pt_nums=60))
BOX = np.asarray(trimesh.sample.sample_surface(trimesh.creation.box((0.04, 0.03, 0.12)), 800, seed=0)[0]) + np.array(
    [0, 0, 0.2]
)
GRASP = HandPose(np.array([0.0, 0.0, 0.30]), np.stack([(1, 0, 0), (0, 0, 1), (0, -1, 0)], axis=1), np.array([0.041]))


def test_a_hand_that_takes_over_its_own_grasp_holds_the_same_places() -> None:
    found = retargeted(GRIPPER, GRASP, GRIPPER, BOX, starts=6)[0]
    (shown, _), (there, _) = pads(GRIPPER, GRASP), pads(GRIPPER, found)
    assert np.linalg.norm(shown - there, axis=1).max() < 0.004


def test_fingers_that_touch_decide_and_a_jaw_that_plays_all_fingers_goes_between_them() -> None:
    shadow = ModelHand(end_effector("shadow_hand"), HandSettings(pt_nums=60))
    pose = HandPose(np.zeros(3), np.eye(3), shadow.spec.preset("precision pinch", shadow.limits_rad))
    places, _ = pads(shadow, pose)
    near = np.concatenate([places[[0, 4]] + offset for offset in 0.002 * np.eye(3)])  # first finger and thumb
    goal = shown_touches(shadow, pose, GRIPPER, near)
    assert np.linalg.norm(goal.places[0] - places[0]) < 0.006 and np.linalg.norm(goal.places[1] - places[4]) < 0.006
    assert goal.weights.min() > 0.5
    everything = np.concatenate([places + offset for offset in 0.002 * np.eye(3)])
    middle = shown_touches(shadow, pose, GRIPPER, everything).places[0]
    assert np.linalg.norm(middle - places[:4].mean(axis=0)) < 0.006
