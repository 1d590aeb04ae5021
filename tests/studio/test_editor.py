"""Authoring a pose: limits, undo as an inverse, mirroring as an involution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from sparsedff.errors import HandError
from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.studio.editor import MOST_UNDO, SAME_MOVE_S, PoseEditor
from tests.support.hand_oracle import shadow
from tests.support.transfer_toys import demonstration

LIMITS = shadow().limits_rad


def editor() -> PoseEditor:
    return PoseEditor(demonstration(), shadow())


def same(one: HandPose, other: HandPose) -> bool:
    return bool(np.allclose(one.world_from_palm, other.world_from_palm) and np.allclose(one.joints, other.joints))


@given(st.lists(st.tuples(st.sampled_from(JOINT_NAMES), st.floats(-4, 4)), max_size=12))
def test_undoing_everything_gives_the_first_pose_and_redoing_the_last(moves: list[tuple[str, float]]) -> None:
    subject = editor()
    first = subject.pose
    for step, (name, angle) in enumerate(moves):
        subject.set_joint(name, angle, now=10.0 * step)
        assert (subject.pose.joints >= LIMITS[:, 0]).all() and (subject.pose.joints <= LIMITS[:, 1]).all()
    last, steps = subject.pose, 0
    while subject.can_undo:
        subject.undo()
        steps += 1
    assert steps == len(moves) and same(subject.pose, first)
    while subject.can_redo:
        subject.redo()
    assert same(subject.pose, last)


def test_a_drag_is_one_step_and_a_pause_or_another_joint_begins_the_next() -> None:
    subject = editor()
    before = subject.pose
    for tick in range(20):
        subject.set_joint("FFJ2", 0.05 * tick, now=0.05 * tick)
    subject.undo()
    assert same(subject.pose, before) and not subject.can_undo
    subject.set_joint("FFJ2", 0.1, now=5.0)
    subject.set_joint("MFJ2", 0.1, now=5.1)
    subject.set_joint("MFJ2", 0.2, now=5.1 + 1.1 * SAME_MOVE_S)
    middle = JOINT_NAMES.index("MFJ2")
    subject.undo()
    assert subject.pose.joints[middle] == 0.1
    subject.undo()
    assert subject.pose.joints[middle] == before.joints[middle]
    assert subject.can_undo


def test_each_drag_of_the_palm_is_one_step_however_long_it_takes() -> None:
    subject, rotation = editor(), demonstration().rotation
    for drag in (1, 2):
        for tick in range(5):
            subject.set_palm(np.array([0.1 * drag, 0.01 * tick, 0.2]), rotation, drag)
    subject.undo()
    np.testing.assert_allclose(subject.pose.translation, [0.1, 0.04, 0.2])
    subject.undo()
    assert same(subject.pose, demonstration()) and not subject.can_undo


def test_after_an_undo_a_new_move_is_a_new_step_and_forgets_what_was_undone() -> None:
    subject = editor()
    subject.set_joint("FFJ2", 0.1, now=0.0)
    subject.undo()
    subject.set_joint("FFJ2", 0.2, now=0.1)
    assert subject.can_undo and not subject.can_redo


def test_undo_and_redo_at_the_ends_do_nothing_and_the_past_is_bounded() -> None:
    subject = editor()
    first = subject.pose
    subject.undo()
    subject.redo()
    assert same(subject.pose, first)
    for step in range(MOST_UNDO + 30):
        subject.set_joint("FFJ2", 0.001 * step, now=10.0 * step)
    count = 0
    while subject.can_undo:
        subject.undo()
        count += 1
    assert count == MOST_UNDO


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-1, 1))
def test_mirroring_twice_is_nothing_and_once_reflects_where_palm_and_fingers_point(
    azimuth: float, yaw: float, tilt: float
) -> None:
    subject, middle = editor(), np.array([0.02, -0.01, 0.05])
    rotation = Rotation.from_euler("zx", [yaw, tilt]).as_matrix() @ demonstration().rotation
    subject.set_palm(demonstration().translation, rotation, drag=1)
    before = subject.pose
    subject.mirror(middle, azimuth)
    after = subject.pose
    normal = np.array([np.cos(azimuth), np.sin(azimuth), 0])
    for was, is_ in (
        (before.translation - middle, after.translation - middle),
        (before.rotation[:, 1], after.rotation[:, 1]),  # the palm's side
        (before.rotation[:, 2], after.rotation[:, 2]),  # the fingers
    ):
        np.testing.assert_allclose(is_, was - 2 * normal * (normal @ was), atol=1e-9)
    assert np.linalg.det(after.rotation) == pytest.approx(1)
    subject.mirror(middle, azimuth)
    assert same(subject.pose, before)


@pytest.mark.parametrize("preset", shadow().spec.presets)
def test_presets_change_fingers_only(preset: str) -> None:
    subject = editor()
    subject.apply_preset(preset)
    np.testing.assert_array_equal(subject.pose.world_from_palm, demonstration().world_from_palm)
    subject.undo()
    assert same(subject.pose, demonstration())


@pytest.mark.parametrize("change", ["joint", "angle", "preset"])
def test_what_cannot_be_done_is_refused_and_changes_nothing(change: str) -> None:
    subject = editor()
    with pytest.raises(HandError):
        if change == "joint":
            subject.set_joint("XXJ0", 0.0, 0.0)
        elif change == "angle":
            subject.set_joint("FFJ0", float("nan"), 0.0)
        else:
            subject.apply_preset("fist")
    assert same(subject.pose, demonstration()) and not subject.can_undo
