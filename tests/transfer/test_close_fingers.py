"""Closing brings the fingers that touched to their demonstrated distance, and leaves palm and other fingers alone."""

from __future__ import annotations

import numpy as np
import torch
import trimesh

from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import end_effector
from sparsedff.hands.settings import HandSettings
from sparsedff.transfer.close_fingers import _gaps, close_fingers
from tests.support.hand_oracle import shadow

GRIPPER = ModelHand(end_effector("parallel_gripper"), HandSettings(pt_nums=60), dtype=torch.float64)
DOWN = np.stack([(1, 0, 0), (0, 0, 1), (0, -1, 0)], axis=1)


def box(width: float) -> np.ndarray:
    mesh = trimesh.creation.box((width, 0.03, 0.1))
    return np.asarray(trimesh.sample.sample_surface_even(mesh, 3000, seed=0)[0]) + np.array([0, 0, 0.25])


def test_a_grippers_jaws_close_onto_a_thinner_box_and_open_for_a_wider_one() -> None:
    shown = HandPose(np.array([0.0, 0.0, 0.34]), DOWN, np.array([0.041]))  # 0.5 mm from a box of 4 cm, on either side
    for width in (0.03, 0.05):
        found = close_fingers(GRIPPER, shown, box(0.04), shown, box(width))
        np.testing.assert_allclose(found.joints, [width + 0.001], atol=4e-4)
        np.testing.assert_array_equal(found.world_from_palm, shown.world_from_palm)


def test_fingers_that_did_not_touch_stay_and_hovering_ones_come_down() -> None:
    hand = shadow()
    joints = hand.spec.preset("precision pinch", hand.limits_rad)
    pose = hand.reachable(HandPose(np.zeros(3), np.eye(3), joints))
    links = hand.world_from_links(*hand.pose_tensors(pose))
    tips = [links[0, hand.links.index(hand.spec.link(tip))].numpy() for tip in hand.spec.tips]
    pads = [tip[:3, :3] @ finger.touch_m + tip[:3, 3] for tip, finger in zip(tips, hand.spec.fingers, strict=True)]
    ball = np.asarray(trimesh.creation.icosphere(subdivisions=3, radius=0.002).vertices) + 0.5 * (pads[0] + pads[4])
    apart = hand.opened(pose, 0.01)
    found = close_fingers(hand, pose, ball, apart, ball)
    shown, before, after = (_gaps(hand, each, torch.tensor(ball)).numpy() for each in (pose, apart, found))
    assert (shown[[0, 4]] < 0.008).all() and (before[[0, 4]] > shown[[0, 4]] + 0.004).all()
    assert np.abs(after - shown)[[0, 4]].max() < 0.001
    for name in ("MFJ3", "RFJ2", "LFJ1"):
        index = hand.layout.index(name)
        assert abs(found.joints[index] - apart.joints[index]) < 0.02
    far = close_fingers(hand, pose, ball + np.array([1.0, 0.0, 0.0]), apart, ball)
    assert far is apart
