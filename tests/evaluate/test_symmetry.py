"""Errors of symmetric things: the nearest of equal truths, wherever between the old grid's turns it lies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsedff.evaluate.metrics import contact_error, contact_turn
from sparsedff.evaluate.symmetry import nearest_mapped, nearest_truth, nearest_turn, symmetric_palm_error
from sparsedff.geometry import apply, transform
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.grasping.reference_grasps import reference_grasp
from sparsedff.synthetic.pairs import make_truth
from tests.support.hand_oracle import random_pose
from tests.support.judged import about, judged, standing


@pytest.mark.parametrize(("family", "task"), [("bottle", "body"), ("bottle", "neck"), ("bowl", "rim")])
@pytest.mark.parametrize("degrees", [5.0, 47.3])
def test_a_perfect_grasp_of_a_thing_of_revolution_has_no_error(family: str, task: str, degrees: float) -> None:
    """At 36 turns, 5 degrees between two of them read 0.3 to 0.44 cm, and the palm was not turned at all."""
    pose = reference_grasp(family, task, standing(family)).moved(about(standing(family), degrees))
    row = judged(family, task, pose)
    assert row.contact_cm < 0.01 and row.palm_cm < 0.01 and row.palm_deg < 0.01 and row.turn_deg < 0.01
    assert row.placed == 1 and row.symmetric == 1


def test_a_box_may_be_turned_by_half_and_by_nothing_else() -> None:
    grasp = reference_grasp("box", "body", standing("box"))
    half, little = (judged("box", "body", grasp.moved(about(standing("box"), angle))) for angle in (180.0, 5.0))
    assert half.contact_cm < 0.01 and half.palm_cm < 0.01 and half.placed == 1 and half.symmetric == 1
    assert little.contact_cm > 0.2 and little.palm_deg == pytest.approx(5, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_nearest_turn_is_no_worse_than_any_of_a_fine_grid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    landed, mapped = rng.normal(0, 0.05, (2, 30, 3))
    placed = transform(about(standing("box"), float(rng.uniform(0, 360)))[:3, :3], rng.normal(0, 1, 3))
    touching = np.zeros(30)
    found = contact_error(landed, nearest_truth(landed, mapped, touching, placed, 0), touching)
    grid = [
        contact_error(landed, apply(placed @ _turn(angle) @ np.linalg.inv(placed), mapped), touching)
        for angle in np.deg2rad(np.arange(0, 360, 0.5))
    ]
    assert found <= min(grid) + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 2 * np.pi))
def test_the_palms_error_is_that_of_the_closed_form(seed: int, angle: float) -> None:
    """The nearest place on the circle that the palm's origin runs through, and no angle after any turn."""
    pose, truth = random_pose(seed), random_pose(seed + 1)
    distance, _ = symmetric_palm_error(pose, truth, np.eye(4), 0)
    radii = [np.linalg.norm(one.translation[:2]) for one in (pose, truth)]
    expected = np.hypot(radii[0] - radii[1], pose.translation[2] - truth.translation[2])
    assert distance == pytest.approx(expected, abs=1e-6)
    turned = symmetric_palm_error(truth.moved(_turn(angle)), truth, np.eye(4), 0)
    assert turned == pytest.approx((0.0, 0.0), abs=1e-4)


def test_turns_of_n_fold_shapes_are_exact() -> None:
    def cost(turns: np.ndarray) -> np.ndarray:
        return 1 - np.cos(turns - 2.0)

    assert nearest_turn(cost, 1) == 0.0
    assert nearest_turn(cost, 3) == pytest.approx(2 * np.pi / 3)
    assert nearest_turn(cost, 0) == pytest.approx(2.0, abs=np.deg2rad(0.01))


def test_the_turn_of_contacts_is_that_of_their_rigid_motion() -> None:
    points = np.random.default_rng(0).normal(0, 0.03, (20, 3))
    assert contact_turn(apply(_turn(0.6), points) + 0.05, points, np.zeros(20)) == pytest.approx(0.6)


def _turn(angle: float) -> np.ndarray:
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return turn


@pytest.mark.parametrize(
    ("family", "task", "seed", "degrees"), [("bottle", "body", 1, 130.0), ("box", "body", 1, 180.0)]
)
def test_a_round_reference_may_have_been_turned_before_the_demonstration(
    family: str, task: str, seed: int, degrees: float
) -> None:
    """A bottle shown from the front is the bottle shown from the side: a drill's handle may be taken from either."""
    truth, shown = make_truth(family, task, seed, "cross_family")
    points = ShadowHand(HandSettings(pt_nums=200)).surface_of(shown)
    near = truth.reference.distance(points)
    landed = truth.reference_turned(np.deg2rad(degrees)).map_points(points)
    assert contact_error(landed, truth.map_points(points), near) > 0.02
    assert contact_error(landed, nearest_mapped(truth, landed, points, near), near) < 1e-4


def test_a_reference_that_is_not_symmetric_has_one_truth() -> None:
    truth, shown = make_truth("drill", "handle", 0, "cross_family")
    points = ShadowHand(HandSettings(pt_nums=200)).surface_of(shown)
    landed = truth.reference_turned(np.pi).map_points(points)
    mapped = nearest_mapped(truth, landed, points, truth.reference.distance(points))
    symmetry = FAMILIES[truth.test.shape.family].symmetry_of(truth.test.shape)
    expected = nearest_truth(
        landed, truth.map_points(points), truth.reference.distance(points), truth.test.world_from_object, symmetry
    )
    np.testing.assert_array_equal(mapped, expected)
