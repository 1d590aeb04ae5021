"""The committed grasps really hold their objects, and the checks can tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sparsedff.errors import ConfigError, HandError
from sparsedff.hands.pose import HandPose, load_reference_pose
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import SHADOW_JOINTS
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.grasping import make as grasp_tool
from sparsedff.synthetic.grasping import reference_grasps
from sparsedff.synthetic.grasping.check import check_grasp, solid_points
from sparsedff.synthetic.grasping.distance_grid import DistanceGrid
from sparsedff.synthetic.grasping.energy import GraspTerms, grasp_energy
from sparsedff.synthetic.grasping.goal import GraspGoal
from sparsedff.synthetic.grasping.hand import coupling_excess
from sparsedff.synthetic.grasping.make import choose_grasp, reference_member
from sparsedff.synthetic.grasping.reference_grasps import grasp_file, reference_grasp, save_grasp
from sparsedff.synthetic.grasping.search import GraspSearch
from sparsedff.synthetic.rendering.scene import PlacedObject

POSE_FILE = Path(__file__).parents[3] / "data" / "sample" / "ref_pose_monkey.npy"
TASKS = [(family, task) for family in FAMILIES for task in FAMILIES[family].tasks]
HEAD = FAMILIES["monkey"].tasks["head"]


@pytest.fixture(scope="module")
def hand() -> ShadowHand:
    return ShadowHand(HandSettings(pt_nums=200))


@pytest.fixture(scope="module")
def pose() -> HandPose:
    return load_reference_pose(POSE_FILE, SHADOW_JOINTS)


@pytest.fixture(scope="module")
def members() -> dict[str, PlacedObject]:
    return {family: reference_member(family) for family in FAMILIES}


@pytest.mark.parametrize(("family", "task"), TASKS)
def test_reference_grasps_pass_every_check(hand, members, family, task):
    pose = reference_grasp(family, task, members[family])
    report = check_grasp(hand, pose, members[family], FAMILIES[family].tasks[task])
    assert report.holds, f"\n{report}"
    # Beyond the checks: hardly anything inside, and no tip that must touch is off.
    assert max(report.fingertip_gap_m[tip] for tip in report.task.tips) < 0.002 and report.penetration_m < 0.001


def test_the_sample_demonstration_grasps_the_head(hand, pose, original):
    """An older find, from before the tendon between the end joints was looked at: all else is right."""
    report = check_grasp(hand, pose, original, HEAD)
    assert set(report.faults) <= {"coupling"}, f"\n{report}"
    points, _ = solid_points(hand, pose)
    touching = points[np.abs(original.distance(points)) < 0.002] - original.world_from_object[:3, 3]
    names = np.array([part.name for part in original.shape.parts])
    touched = set(names[np.argmin(original.shape.part_distances(touching), axis=1)])
    assert "head" in touched and touched <= {"head", "muzzle"}


def test_a_shifted_or_open_hand_is_no_grasp(hand, members):
    mug, task = members["mug"], FAMILIES["mug"].tasks["body"]
    pose = reference_grasp("mug", "body", mug)
    for shift in ((0.0, 0.0, 0.03), (0.01, 0.01, 0.0), (0.0, 0.0, -0.06)):
        moved = HandPose(pose.translation + shift, pose.rotation, pose.joints)
        assert not check_grasp(hand, moved, mug, task).holds
    opened = check_grasp(hand, HandPose(pose.translation, pose.rotation, 0 * pose.joints), mug, task)
    assert "fingertip_gap" in opened.faults and opened.effort == np.inf


def test_the_wrong_side_of_a_wall_is_not_the_region(hand, members):
    """The mug's body grasp has its thumb outside: it is no grasp of the rim."""
    mug = members["mug"]
    pose = reference_grasp("mug", "body", mug)
    assert "region" in check_grasp(hand, pose, mug, FAMILIES["mug"].tasks["rim"]).faults


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


def test_the_energy_prefers_the_reference_grasp(members):
    """Of the grasp and eight disturbed ones, all in one batch, the grasp has the lowest energy."""
    hand, mug = ShadowHand(HandSettings(pt_nums=600)), members["mug"]
    pose = reference_grasp("mug", "body", mug)
    rng = np.random.default_rng(0)
    translation, rotation, joints = (tensor.repeat(9, *[1] * (tensor.dim() - 1)) for tensor in hand.pose_tensors(pose))
    translation[1:] += torch.tensor(rng.normal(0, 0.01, (8, 3)), dtype=torch.float32)
    joints[1:] += torch.tensor(rng.normal(0, 0.05, (8, 22)), dtype=torch.float32)
    translation.requires_grad_()
    goal = GraspGoal(mug, FAMILIES["mug"].tasks["body"])
    grid = DistanceGrid(mug, cell_m=0.004)
    energy = grasp_energy(hand, grid, goal, translation, rotation, joints, GraspTerms())
    assert energy.argmin() == 0
    energy.sum().backward()
    assert torch.isfinite(translation.grad).all()


def test_coupled_joints():
    joints = torch.zeros(2, 22)
    joints[1, 3] = 1.0  # FFJ0 bends alone
    excess = coupling_excess(joints)
    assert excess[0].max() == 0.0 and excess[1, 0] > 0.5 and excess[1, 1:].max() == 0.0


def test_a_search_in_vain_says_so(members):
    """A search of two steps finds nothing, and says how near it came."""
    box, task = members["box"], FAMILIES["box"].tasks["body"]
    search = GraspSearch(starts=3, steps=2, surface_points=120, cell_m=0.006)
    with pytest.raises(HandError, match="no search found a grasp of body; the closest was"):
        choose_grasp(box, task, lambda *_: 1.0, search, seeds=1)


def test_choice_prefers_what_is_held(monkeypatch, members, hand):
    mug, task = members["mug"], FAMILIES["mug"].tasks["body"]
    pose = reference_grasp("mug", "body", mug)
    report = check_grasp(hand, pose, mug, task)
    found = [(pose, replace(report, effort=effort)) for effort in (9.0, 1.0, 4.0)]
    monkeypatch.setattr(grasp_tool, "candidates", lambda *_: found)
    rates = iter((0.2, 0.9, 0.9, 0.3))  # of efforts 1, 4 (twice: a closer look) and 9
    _, chosen, rate = choose_grasp(mug, task, lambda *_: next(rates), seeds=1)
    assert (chosen.effort, rate) == (4.0, 0.9)
    _, chosen, rate = choose_grasp(mug, task, lambda *_: 1.0, seeds=5)
    assert (chosen.effort, rate) == (1.0, 1.0)


def test_grasps_move_with_the_object_and_missing_ones_are_named(monkeypatch, members, tmp_path):
    mug = members["mug"]
    pose = reference_grasp("mug", "body", mug)
    monkeypatch.setattr(reference_grasps, "FOLDER", tmp_path)
    with pytest.raises(HandError, match="no reference grasp; find one with"):
        reference_grasp("mug", "body", mug)
    path = save_grasp("mug", "body", pose, mug)
    assert path == grasp_file("mug", "body") and path.parent == tmp_path
    again = reference_grasp("mug", "body", mug)
    np.testing.assert_allclose(again.translation, pose.translation, atol=1e-12)
    with pytest.raises(ConfigError, match="no task"):
        grasp_file("mug", "lid")
