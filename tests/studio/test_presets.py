"""Presets are hands one can have: within limits, no finger in another, and doing what their names say."""

import numpy as np
import pytest
import torch

from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.studio.fingers import joints_by_finger
from sparsedff.studio.readouts import Measure
from tests.support.hand_oracle import shadow

HAND = shadow(torch.float64, 60)
PRESETS = HAND.spec.presets


def joints_of(preset: str) -> np.ndarray:
    return HAND.spec.preset(preset, HAND.limits_rad)


def links(preset: str) -> torch.Tensor:
    pose = HAND.pose_tensors(HandPose(np.zeros(3), np.eye(3), joints_of(preset)))
    return HAND.world_from_links(*pose)


@pytest.mark.parametrize("preset", PRESETS)
def test_joints_are_within_their_limits_and_fingers_clear_of_each_other(preset: str) -> None:
    limits = HAND.limits_rad
    joints = joints_of(preset)
    assert (joints >= limits[:, 0] - 1e-9).all() and (joints <= limits[:, 1] + 1e-9).all()
    assert float(HAND.self_penetration(links(preset))) < 0.002


def test_every_joint_belongs_to_one_finger() -> None:
    found = joints_by_finger(HAND)
    assert list(found) == ["First finger", "Middle finger", "Ring finger", "Little finger", "Thumb"]
    for finger, prefix in zip(found, ("FF", "MF", "RF", "LF", "TH"), strict=True):
        assert found[finger] == tuple(name for name in JOINT_NAMES if name.startswith(prefix))


def test_the_pinch_brings_thumb_and_first_finger_together_and_no_other() -> None:
    gaps = {}
    for finger in ("ff", "mf", "rf"):
        tip, thumb = (HAND.links.index(f"robot0:{name}distal") for name in (finger, "th"))
        surface = HAND.surface(links("precision pinch"))[0]
        here = [i for i, link in enumerate(HAND.surface_links) if link == HAND.links[tip]]
        there = [i for i, link in enumerate(HAND.surface_links) if link == HAND.links[thumb]]
        gaps[finger] = float(torch.cdist(surface[here], surface[there]).min())
    assert gaps["ff"] < 0.01 < 0.02 < min(gaps["mf"], gaps["rf"])


def test_the_power_grasp_closes_around_what_lies_before_the_palm() -> None:
    """A bar of 4 cm across the palm is touched by, or within 2 cm of, every finger tip; the open hand is not near."""
    angle = np.linspace(0, 2 * np.pi, 40)
    ring = np.stack([0 * angle, -0.035 + 0.02 * np.cos(angle), 0.085 + 0.02 * np.sin(angle)], axis=1)
    bar = np.concatenate([ring + np.array([x, 0, 0]) for x in np.linspace(-0.04, 0.04, 30)])
    tips = {
        name: Measure(HAND, bar)(HandPose(np.zeros(3), np.eye(3), joints_of(name))).tips
        for name in ("open", "power grasp")
    }
    assert max(tips["power grasp"][:4]) < 0.03 and min(tips["open"][:4]) > 0.05
