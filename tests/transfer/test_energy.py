"""Each energy term by closed form, its gradient by differences, and their weighted sum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation
from torch import Tensor

from sparsedff.errors import TransferError
from sparsedff.hands.pose import HandPose
from sparsedff.transfer.fields import field_of
from sparsedff.transfer.starts import PALM_DOWN
from sparsedff.transfer.terms.approach import approach_term, tilt
from sparsedff.transfer.terms.feature import contact_emphasis, feature_term
from sparsedff.transfer.terms.gap import contacts_of, gap_term
from sparsedff.transfer.terms.joint_limits import joint_limit_term
from sparsedff.transfer.terms.penetration import penetration_term
from sparsedff.transfer.terms.posture import posture_term
from sparsedff.transfer.terms.registry import TERMS as REGISTERED
from sparsedff.transfer.transfer import PENETRATION_CELL_M, PENETRATION_POINTS, make_energy
from tests.support.hand_oracle import check_gradient, fist, has_one_nearest, random_pose
from tests.support.transfer_toys import (
    AS_PUBLISHED,
    FEATURE_ONLY,
    cloud,
    demonstration,
    moved_cloud,
    planar,
    toy_energy,
    toy_hand,
    weighted,
)

TERMS = REGISTERED.names
FREE = np.radians(30)
EVERY = {name: 1.0 + index for index, name in enumerate(TERMS)}


def terms_at(pose: HandPose, **changes) -> dict[str, float]:
    energy = toy_energy(np.eye(4), EVERY)
    energy = replace(energy, goal=replace(energy.goal, **changes))
    return {name: float(value) for name, value in energy.terms(*energy.goal.hand.pose_tensors(pose)).items()}


def test_penetration_of_a_point_on_a_capsules_axis_is_its_radius() -> None:
    hand, pose = toy_hand(), HandPose(np.array([0, 0, 1.0]), PALM_DOWN, np.zeros(22))
    links = hand.world_from_links(*hand.pose_tensors(pose))
    tip = links[0, hand.links.index("robot0:ffdistal")]
    axis = (tip @ torch.tensor([0, 0, 0.012, 1.0], dtype=torch.float64))[:3]  # the middle of its capsule
    across = tip[:3, 0]
    far = torch.tensor([5.0, 0, 0], dtype=torch.float64)
    for depth, points in ((0.00705, [axis]), (0.00505, [axis + 0.002 * across]), (0.0, [axis + 0.01 * across])):
        # The deepest, plus the mean over all the object's points: here that point and a far one.
        found = terms_at(pose, object_points=torch.stack([*points, far]))["penetration"]
        assert found == pytest.approx(depth + depth / 2, abs=1e-9)


def test_penetration_of_the_table_is_the_deepest_point_under_it() -> None:
    surface = torch.tensor([[[0.0, 0, 0.1], [0, 0, -0.02]], [[0, 0, 0.1], [0, 0, 0.0]]])
    outside = torch.tensor([[0.05, 0.01], [0.2, 0.0]])
    torch.testing.assert_close(penetration_term(outside, surface), torch.tensor([0.02, 0.0]))
    inside = torch.tensor([[-0.01, 0.03], [-0.004, -0.002]])
    torch.testing.assert_close(penetration_term(inside, surface), torch.tensor([0.035, 0.007]))
    pose = demonstration()
    low = toy_hand().surface_of(pose)[:, 2].min()
    sunk = pose.moved(np.array([[1, 0, 0, 9.0], [0, 1, 0, 0], [0, 0, 1, -low - 0.013], [0, 0, 0, 1]]))
    assert terms_at(sunk)["penetration"] == pytest.approx(0.013, abs=1e-9)


def palm(roll_deg: float = 0.0, pitch_deg: float = 0.0, yaw_deg: float = 0.0) -> Tensor:
    """Palm-down, pitched about the palm's width or rolled about its fingers, then turned about the vertical."""
    own = Rotation.from_euler("XZ", [pitch_deg, roll_deg], degrees=True).as_matrix()
    return torch.tensor(Rotation.from_euler("z", yaw_deg, degrees=True).as_matrix() @ PALM_DOWN @ own)[None]


@settings(max_examples=50, deadline=None)
@given(st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180))
def test_approach_is_what_roll_and_pitch_exceed_the_free_angle(roll: float, pitch: float, yaw: float) -> None:
    level = float(approach_term(palm(roll, 0, yaw), FREE))
    assert level == pytest.approx(max(0, np.radians(abs(roll)) - FREE), abs=1e-6)
    nose = float(approach_term(palm(0, pitch, yaw), FREE))
    assert nose == pytest.approx(max(0, np.radians(abs(pitch)) - FREE), abs=1e-6)
    both, elsewhere = palm(roll, pitch, 0), palm(roll, pitch, yaw)
    torch.testing.assert_close(approach_term(both, FREE), approach_term(elsewhere, FREE), atol=1e-9, rtol=0)


def test_approach_by_hand() -> None:
    assert float(approach_term(palm(), FREE)) == 0
    assert float(approach_term(palm(roll_deg=29.9), FREE)) == 0
    assert float(approach_term(palm(pitch_deg=-29.9), FREE)) == 0
    assert float(approach_term(palm(roll_deg=75), FREE)) == pytest.approx(np.radians(45))
    assert float(approach_term(palm(roll_deg=180), FREE)) == pytest.approx(np.radians(150))
    free = torch.tensor([np.radians(80), np.radians(10)])  # more roll than pitch was demonstrated
    assert float(approach_term(palm(roll_deg=75), free)) == 0
    assert float(approach_term(palm(pitch_deg=20), free)) == pytest.approx(np.radians(10))
    np.testing.assert_allclose(tilt(palm(-40, 0, 10)), torch.tensor([[np.radians(-40), 0]]), atol=1e-9)
    np.testing.assert_allclose(tilt(palm(0, 20, 10)).abs(), torch.tensor([[0, np.radians(20)]]), atol=1e-9)


def test_approach_has_a_finite_gradient_with_the_fingers_straight_up_and_down() -> None:
    for pitch in (90, -90):
        rotation = palm(pitch_deg=pitch).requires_grad_()
        approach_term(rotation, FREE).sum().backward()
        assert rotation.grad is not None and rotation.grad.isfinite().all()


def test_joint_limits_cost_nothing_in_the_middle_and_one_each_at_the_stops() -> None:
    limits = toy_hand().joint_limits
    low, high = limits.T

    def at(share: float) -> Tensor:
        return (low + share * (high - low))[None]

    for share in (0.05, 0.3, 0.5, 0.95):
        assert float(joint_limit_term(at(share), limits)) < 1e-20
    for share, cost in ((0.0, 1.0), (1.0, 1.0), (0.025, 0.25), (0.975, 0.25), (-0.05, 4.0)):
        assert float(joint_limit_term(at(share), limits)) == pytest.approx(cost)
    one = at(0.5)
    one[0, 7] = high[7]
    assert float(joint_limit_term(one, limits)) == pytest.approx(1 / 22)


def test_posture_is_the_mean_squared_share_of_range() -> None:
    limits, shown = toy_hand().joint_limits, torch.tensor(demonstration().joints)
    changed = shown[None].repeat(2, 1)
    changed[1, 3] += 0.5 * (limits[3, 1] - limits[3, 0])
    changed[1, 9] -= 0.1 * (limits[9, 1] - limits[9, 0])
    torch.testing.assert_close(posture_term(changed, shown, limits), torch.tensor([0, 0.26 / 22]).double())


def test_at_the_demonstration_nothing_costs_but_the_reference_itself() -> None:
    found = terms_at(demonstration())
    assert found["feature"] < 1e-12 and found["posture"] == 0 and found["approach"] == 0
    assert terms_at(demonstration().moved(planar(90, 0.1)))["feature"] > 0.05


def test_feature_is_the_mean_absolute_difference() -> None:
    energy = toy_energy(np.eye(4))
    assert terms_at(demonstration(), targets=energy.goal.targets + 0.25)["feature"] == pytest.approx(0.25)
    one_channel = energy.goal.targets.clone()
    one_channel[:, 2] -= 0.6
    assert terms_at(demonstration(), targets=one_channel)["feature"] == pytest.approx(0.1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=50), st.floats(0.005, 0.1))
def test_points_that_touch_count_ten_times_those_far_off(distances: list[float], reach: float) -> None:
    distance = torch.tensor(distances, dtype=torch.float64)
    weights = contact_emphasis(distance, reach)
    assert float(weights.mean()) == pytest.approx(1)
    nearest, farthest = weights[distance.argmin()], weights[distance.argmax()]
    assert float(nearest) == float(weights.max()) and float(farthest) == float(weights.min())
    both = contact_emphasis(torch.tensor([0.0, 10 * reach, reach]), reach)
    assert float(both[0] / both[1]) == pytest.approx(10, rel=1e-5)
    assert float(both[2] / both[0]) == pytest.approx(0.1 + 0.9 / np.e, rel=1e-5)
    assert (contact_emphasis(distance, float("inf")) == 1).all()


def test_emphasis_weighs_hand_points_once_focused() -> None:
    hand, shown = toy_hand(), demonstration()
    field = field_of(cloud(), hand, AS_PUBLISHED)
    energy = make_energy(hand, (field, field), shown, cloud().points, weighted(FEATURE_ONLY, 0.02))
    surface = hand.surface_of(shown)
    nearest, _ = cKDTree(cloud().points.astype(float)).query(surface)
    np.testing.assert_allclose(energy.goal.emphasis, contact_emphasis(torch.tensor(nearest), 0.02), atol=1e-6)
    pose = shown.moved(planar(25, 0.03))
    each = (field.values(torch.tensor(hand.surface_of(pose))) - energy.goal.targets).abs().mean(dim=1)
    tensors = hand.pose_tensors(pose)
    focused, plain = (float(energy.terms(*tensors, focused=f)["feature"]) for f in (True, False))
    assert plain == pytest.approx(float(each.mean()))
    assert focused == pytest.approx(float((each * energy.goal.emphasis).mean())) and abs(focused - plain) > 1e-3
    batch = torch.tensor(np.stack([hand.surface_of(pose), surface]))
    found = feature_term(field, batch, energy.goal.targets, energy.goal.emphasis)
    np.testing.assert_allclose(found, torch.tensor([focused, 0.0]), atol=1e-9)


def test_the_gap_is_the_mean_change_of_the_contacts_distance() -> None:
    seen = torch.tensor([[0.0, 0, 0], [0, 0, 1.0]])
    surface = torch.tensor([[[0.03, 0, 0], [0, 0.01, 1.0]], [[0.01, 0, 0], [0, 0.02, 1.0]]])
    shown, share = torch.tensor([0.01, 0.02]), torch.tensor([0.75, 0.25])
    torch.testing.assert_close(gap_term(surface, seen, shown, share), torch.tensor([0.75 * 0.02 + 0.25 * 0.01, 0.0]))
    assert terms_at(demonstration())["gap"] == pytest.approx(0, abs=1e-5)
    lifted = demonstration().moved(np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0.3], [0, 0, 0, 1.0]]))
    assert terms_at(lifted)["gap"] == pytest.approx(0.3, abs=0.05), "a hand in the air pays for it"


def test_contacts_are_the_hand_points_near_the_object_and_never_none() -> None:
    distance = torch.tensor([0.001, 0.019, 0.041, 0.2])
    contact = contacts_of(distance, torch.zeros(1, 3), reach_m=0.02)
    assert contact.points.tolist() == [0, 1] and float(contact.share.sum()) == pytest.approx(1)
    assert float(contact.share[1] / contact.share[0]) == pytest.approx(np.exp(-(0.95**2) + 0.05**2), rel=1e-5)
    assert contacts_of(torch.tensor([0.5, 0.9]), torch.zeros(1, 3), reach_m=0.02).points.tolist() == [0]


def test_self_penetration_of_an_open_hand_and_of_a_fist_through_the_thumb() -> None:
    open_hand = HandPose(np.array([0, 0, 1.0]), PALM_DOWN, np.zeros(22))
    assert terms_at(open_hand)["self_penetration"] == 0
    assert terms_at(replace(open_hand, joints=fist().joints))["self_penetration"] > 0.01


def test_jitter_moves_what_the_field_is_asked_and_nothing_else() -> None:
    energy, pose = toy_energy(np.eye(4), EVERY), demonstration().moved(planar(10))
    plain = energy.terms(*energy.goal.hand.pose_tensors(pose))
    shift = torch.zeros(1, len(energy.goal.targets), 3, dtype=torch.float64)
    shift[..., 0] = 0.01
    shaken = energy.terms(*energy.goal.hand.pose_tensors(pose), jitter=shift)
    there = torch.tensor(energy.goal.hand.surface_of(pose)) + shift[0]
    expected = (energy.goal.field.values(there) - energy.goal.targets).abs().mean()
    assert float(shaken["feature"]) == pytest.approx(float(expected))
    assert {name for name in TERMS if shaken[name] != plain[name]} == {"feature"}


@pytest.mark.parametrize("name", [*TERMS, "all"])
def test_gradients_by_differences(name: str) -> None:
    weights = EVERY if name == "all" else dict.fromkeys(TERMS, 0.0) | {name: 1.0}
    energy = toy_energy(planar(20, 0.02), weights)
    tilted = HandPose(np.array([0.05, 0.01, 0.1]), palm(50, 40, 10)[0].numpy(), fist().joints)
    inside = HandPose(np.array([0.02, 0.0, 0.06]), palm(35, -31)[0].numpy(), random_pose(2).joints)
    solid = energy.goal.object_points.numpy()
    smooth = has_one_nearest(solid, tilted) & has_one_nearest(solid, inside)
    solid_points = energy.goal.object_points[torch.tensor(smooth)]
    energy = replace(energy, goal=replace(energy.goal, object_points=solid_points))
    inputs = [torch.cat(parts) for parts in zip(*map(energy.goal.hand.pose_tensors, (tilted, inside)), strict=True)]
    inputs[2][1, 4] = energy.goal.hand.joint_limits[4, 1] - 0.01  # in the outer share of its range
    total = energy.total(energy.terms(*inputs))
    assert (total > 0).all()  # a term that is off has no gradient to test
    check_gradient(lambda *x: energy.total(energy.terms(*x)), *inputs)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=len(TERMS), max_size=len(TERMS)).filter(any), st.integers(0, 2**32))
def test_weights_combine_linearly(values: list[float], seed: int) -> None:
    weights = dict(zip(TERMS, values, strict=True))
    energy, pose = toy_energy(np.eye(4), weights), random_pose(seed, 0.1)
    tensors = energy.goal.hand.pose_tensors(pose)
    unweighted = toy_energy(np.eye(4), EVERY).terms(*tensors)
    expected = sum(weights[name] * float(unweighted[name]) for name in TERMS)
    assert float(energy.total(energy.terms(*tensors))) == pytest.approx(expected, rel=1e-9)


def test_without_any_weight_there_is_nothing_to_minimise() -> None:
    with pytest.raises(TransferError, match=r"alignment\.weights: all are zero"):
        toy_energy(np.eye(4), dict.fromkeys(TERMS, 0.0))


def test_the_target_is_the_reference_field_under_the_demonstrated_hand() -> None:
    energy, hand = toy_energy(planar(90, 0.1, 0.05)), toy_hand()
    expected = field_of(cloud(), hand, AS_PUBLISHED).values(torch.tensor(hand.surface_of(demonstration())))
    torch.testing.assert_close(energy.goal.targets, expected)
    moved = demonstration().moved(planar(90, 0.1, 0.05))
    carried = energy.terms(*hand.pose_tensors(moved))["feature"]
    assert float(carried) < 1e-6  # the minimum that the optimiser looks for


def test_the_demonstrations_own_tilt_is_free() -> None:
    hand, shown = toy_hand(), demonstration()
    field = field_of(cloud(), hand, AS_PUBLISHED)
    for roll, pitch in ((0, 0), (10, 50), (-70, 5)):
        pose = HandPose(shown.translation, palm(roll, pitch)[0].numpy(), shown.joints)
        energy = make_energy(hand, (field, field), pose, cloud().points, weighted(EVERY))
        free = np.degrees(energy.goal.free_angles.numpy())
        own = np.degrees(tilt(palm(roll, pitch))[0].abs().numpy())
        np.testing.assert_allclose(free, np.maximum(own, 30), atol=1e-6)
        assert float(energy.terms(*hand.pose_tensors(pose))["approach"]) < 1e-9


@pytest.mark.parametrize("count", [1, 300, 60_000])
def test_penetration_points_are_an_even_spread_of_the_object(count: int) -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform((-0.1, -0.1, 0), (0.1, 0.1, 0.1), (count, 3))
    hand, field = toy_hand(), field_of(cloud(), toy_hand(), AS_PUBLISHED)
    solid = make_energy(
        hand, (field, field), demonstration(), points, weighted(FEATURE_ONLY)
    ).goal.object_points.numpy()
    assert 1 <= len(solid) <= PENETRATION_POINTS
    assert cKDTree(points).query(solid)[0].max() < PENETRATION_CELL_M
    if count > 300:
        assert len(solid) > PENETRATION_POINTS / 2
        assert cKDTree(solid).query(points)[0].max() < 0.05


def test_a_moved_cloud_is_the_same_cloud_elsewhere() -> None:
    np.testing.assert_array_equal(moved_cloud(planar(30)).features, cloud().features)
    np.testing.assert_allclose(moved_cloud(planar(0, 0.1)).points, cloud().points + np.float32([0.1, 0, 0]), atol=1e-7)
