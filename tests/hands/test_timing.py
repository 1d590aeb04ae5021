"""Time stamps keep every limit, come to rest at corners, and are what a trapezoid says; clearance is what it is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsedff.errors import HandError
from sparsedff.hands.approach import densified
from sparsedff.hands.clearance import clearance
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import end_effector
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.timing import timed

SPEC = end_effector("parallel_gripper")
EYE = np.eye(3)


def pose(x: float, opening: float) -> HandPose:
    return HandPose(np.array([x, 0.0, 0.3]), EYE, np.array([opening]))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-0.5, 0.5), st.floats(0, 0.085)), min_size=2, max_size=5))
def test_no_limit_is_broken_and_corners_are_at_rest(corners: list[tuple[float, float]]) -> None:
    found = timed(SPEC, densified(tuple(pose(*corner) for corner in corners)))
    assert found.seconds[0] == 0 and (np.diff(found.seconds) > 0).all()
    assert (np.abs(found.velocities) <= SPEC.max_speed * (1 + 1e-9)).all()
    assert (np.abs(found.accelerations) <= SPEC.max_acceleration * (1 + 1e-9)).all()
    for (a, b), seconds in zip(pairwise(found.poses), np.diff(found.seconds), strict=True):
        assert np.linalg.norm(b.translation - a.translation) <= SPEC.palm_speed_m_s * seconds * (1 + 1e-6)
        assert abs(b.joints[0] - a.joints[0]) <= SPEC.max_speed * seconds * (1 + 1e-6)
    assert np.abs(found.velocities[[0, -1]]).max() < 1e-9


def test_a_straight_way_takes_as_long_as_a_trapezoid_says() -> None:
    way, speed, strength = 0.5, SPEC.palm_speed_m_s, SPEC.palm_acceleration_m_s2
    found = timed(SPEC, densified((pose(0, 0), pose(way, 0))))
    assert found.seconds[-1] == pytest.approx(way / speed + speed / strength)
    short = timed(SPEC, (pose(0, 0), pose(0.01, 0)))
    assert short.seconds[-1] == pytest.approx(2 * np.sqrt(0.01 / strength))
    assert timed(SPEC, (pose(0, 0), pose(0, 0))).seconds.tolist() == [0.0]
    with pytest.raises(HandError, match="no pose"):
        timed(SPEC, ())


def test_clearance_along_a_way_is_that_of_the_hands_boxes() -> None:
    hand = ModelHand(SPEC, HandSettings(pt_nums=80), dtype=torch.float64)
    down = np.stack([(1, 0, 0), (0, 0, 1), (0, -1, 0)], axis=1)  # the gripper looks down
    path = tuple(HandPose(np.array([0, 0, z]), down, np.array([0.06])) for z in (0.30, 0.20, 0.10))
    point = np.array([[0.015, 0.0, 0.06]])  # between the open jaws in the end: 15 mm from the nearer one
    found = clearance(hand, path, point)
    assert found.closing_m == pytest.approx(0.015) and found.approach_m == pytest.approx(0.015)
    assert found.table_m == pytest.approx(0.04, abs=0.004) and found.fault == ""
    hit = clearance(hand, path, np.array([[0.034, 0.0, 0.05]]))  # 4 mm inside the jaw from either side
    assert hit.approach_m == pytest.approx(-0.004) and hit.fault == "4 mm into the object"
    low = tuple(HandPose(each.translation - [0, 0, 0.05], each.rotation, each.joints) for each in path)
    assert "mm into the table" in clearance(hand, low, np.array([[1.0, 1, 1]])).fault
