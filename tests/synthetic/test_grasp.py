"""The committed demonstration really grasps monkey_original, and the checks can tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.hands.pose import HandPose, load_reference_pose
from sparsedff.hands.shadow import ShadowHand
from sparsedff.synthetic.grasp_check import check_grasp, solid_points
from sparsedff.synthetic.grasp_energy import DistanceGrid, GraspTerms, grasp_energy

POSE_FILE = Path(__file__).parents[2] / "data" / "sample" / "ref_pose_monkey.npy"


@pytest.fixture(scope="module")
def hand() -> ShadowHand:
    return ShadowHand(surface_points=200)


@pytest.fixture(scope="module")
def pose() -> HandPose:
    return load_reference_pose(POSE_FILE)


def test_committed_pose_grasps_the_original(hand, pose, original):
    report = check_grasp(hand, pose, original)
    assert report.holds, f"\n{report}"
    assert max(report.fingertip_gap_m.values()) < 0.002 and min(report.fingertip_gap_m.values()) > -0.001
    assert report.penetration_m < 0.001 and report.table_clearance_m > 0.05
    assert report.opposition < -0.7 and report.self_penetration_m < 5e-4
    assert report.palm_tilt_rad < np.deg2rad(30)
    assert report.limit_margin_rad > 0


def test_it_grasps_the_head(hand, pose, original):
    points, _ = solid_points(hand, pose)
    touching = points[np.abs(original.distance(points)) < 0.002] - original.world_from_object[:3, 3]
    names = np.array([part.name for part in original.shape.parts])
    touched = set(names[np.argmin(original.shape.part_distances(touching), axis=1)])
    assert "head" in touched and touched <= {"head", "muzzle"}


def test_a_shifted_hand_is_no_grasp(hand, pose, original):
    for shift in ((0.0, 0.0, 0.02), (0.01, 0.0, 0.0), (0.0, 0.0, -0.03)):
        moved = HandPose(pose.translation + shift, pose.rotation, pose.joints)
        assert not check_grasp(hand, moved, original).holds
    assert not check_grasp(hand, HandPose(pose.translation, pose.rotation, 0 * pose.joints), original).holds


def test_solid_points_lie_on_the_hand(hand, pose):
    """Mesh and primitives differ by millimetres; no point is far from the primitives, most of theirs are on them."""
    points, owner = solid_points(hand, pose)
    with torch.no_grad():
        links = hand.world_from_links(*hand.pose_tensors(pose))
        distance = hand.distance(links, torch.tensor(points, dtype=torch.float32))[0].numpy()
    assert distance.max() < 0.025 and owner.max() < len(hand.links)
    assert (np.abs(distance) < 1e-4).mean() > 0.2


def test_distance_grid_agrees_with_the_exact_distance(original):
    grid = DistanceGrid(original, cell_m=0.006)
    points = original.mesh_world.vertices[::50] + 0.004
    found = grid(torch.tensor(points[None], dtype=torch.float32))[0].numpy()
    error = np.abs(found - original.distance(points))
    assert np.median(error) < 3e-4 and np.percentile(error, 99) < 3e-3


def test_the_energy_prefers_the_committed_pose(pose, original):
    """Of the pose and eight disturbed ones, all in one batch, the pose has the lowest energy."""
    hand = ShadowHand(surface_points=600)
    rng = np.random.default_rng(0)
    translation, rotation, joints = (tensor.repeat(9, *[1] * (tensor.dim() - 1)) for tensor in hand.pose_tensors(pose))
    translation[1:] += torch.tensor(rng.normal(0, 0.01, (8, 3)), dtype=torch.float32)
    joints[1:] += torch.tensor(rng.normal(0, 0.05, (8, 22)), dtype=torch.float32)
    translation.requires_grad_()
    energy = grasp_energy(hand, DistanceGrid(original, cell_m=0.005), translation, rotation, joints, GraspTerms())
    assert energy.argmin() == 0
    energy.sum().backward()
    assert torch.isfinite(translation.grad).all()
