"""The Shadow Hand's kinematics, meshes and distances against MuJoCo and NumPy, gradients against differences."""

from __future__ import annotations

import importlib.util
import json

import mujoco
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsedff.errors import HandError
from sparsedff.hands.collision import SPHERES_PER_CAPSULE
from sparsedff.hands.model_text import package_folder
from sparsedff.hands.pose import HandPose, load_reference_pose
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import JOINT_NAMES, SHADOW_JOINTS
from tests.support.hand_oracle import (
    PREFIX,
    check_gradient,
    fist,
    frame,
    has_one_nearest,
    load_shadow_model,
    mujoco_data,
    mujoco_model,
    posed_primitives,
    primitive_distance,
    random_pose,
    shadow,
    tensors,
)
from tests.support.paths import kitchen

OPEN = HandPose(np.zeros(3), np.eye(3), np.zeros(22))
SEEDS = st.integers(0, 2**32)


def test_joint_order_and_limits() -> None:
    names = (
        "FFJ3 FFJ2 FFJ1 FFJ0 MFJ3 MFJ2 MFJ1 MFJ0 RFJ3 RFJ2 RFJ1 RFJ0 LFJ4 LFJ3 LFJ2 LFJ1 LFJ0 THJ4 THJ3 THJ2 THJ1 THJ0"
    )
    assert ShadowHand.layout.names == tuple(names.split()) == JOINT_NAMES
    limits = dict(zip(JOINT_NAMES, load_shadow_model().joint_limits.tolist(), strict=True))
    assert limits["FFJ3"] == [-0.349, 0.349] and limits["FFJ0"] == [0, 1.571] and limits["LFJ4"] == [0, 0.785]
    assert limits["THJ4"] == [-1.047, 1.047] and limits["THJ3"] == [0, 1.222] and limits["THJ0"] == [-1.571, 0]
    np.testing.assert_array_equal(shadow().joint_limits.numpy(), list(limits.values()))


def test_the_kitchens_description_of_the_hand_agrees() -> None:
    said = json.loads((kitchen() / "ref_pose_mug.json").read_text())
    assert tuple(said["joint_order"]) == JOINT_NAMES
    np.testing.assert_allclose([said["joint_limits_rad"][n] for n in JOINT_NAMES], load_shadow_model().joint_limits)
    pose = load_reference_pose(kitchen() / "ref_pose_mug.npy", SHADOW_JOINTS)
    np.testing.assert_allclose(pose.rotation, said["palm_rotation_matrix_rows"], atol=1e-6)
    np.testing.assert_allclose(pose.joints, [said["joints_rad"][name] for name in JOINT_NAMES], atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_every_link_is_where_mujoco_puts_it(seed: int) -> None:
    pose = random_pose(seed)
    data, world_from_mujoco = mujoco_data(pose)
    for dtype, tolerance in ((torch.float64, 1e-6), (torch.float32, 1e-5)):
        hand = shadow(dtype)
        found = hand.world_from_links(*hand.pose_tensors(pose))[0].numpy()
        assert len(hand.links) == 21
        for link, world_from_link in zip(hand.links, found, strict=True):
            truth = world_from_mujoco @ frame(data.body(link).xpos, data.body(link).xmat)
            np.testing.assert_allclose(world_from_link, truth, atol=tolerance, err_msg=link)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_mesh_vertices_are_where_mujoco_puts_them(seed: int) -> None:
    pose = random_pose(seed)
    model, (data, world_from_mujoco) = mujoco_model(), mujoco_data(pose)
    vertices, faces = shadow().mesh(pose)
    expected = []
    for index in range(model.ngeom):
        if model.geom_type[index] == mujoco.mjtGeom.mjGEOM_MESH and model.geom_contype[index] == 0:
            if model.body(model.geom_bodyid[index]).name not in shadow().links:
                continue
            mesh = model.geom_dataid[index]
            start = model.mesh_vertadr[mesh]
            local = model.mesh_vert[start : start + model.mesh_vertnum[mesh]]
            placed = world_from_mujoco @ frame(data.geom_xpos[index], data.geom_xmat[index])
            expected.append(local @ placed[:3, :3].T + placed[:3, 3])
    np.testing.assert_allclose(vertices, np.concatenate(expected), atol=1e-6)
    assert faces.min() == 0 and faces.max() == len(vertices) - 1


def test_a_batch_is_its_members() -> None:
    poses = [random_pose(seed) for seed in range(5)]
    batch = [torch.cat(parts) for parts in zip(*map(tensors, poses), strict=True)]
    hand, points = shadow(), torch.tensor(np.random.default_rng(0).normal(size=(5, 30, 3)) * 0.2)
    links = hand.world_from_links(*batch)
    for index, pose in enumerate(poses):
        single = hand.world_from_links(*tensors(pose))
        torch.testing.assert_close(links[index], single[0])
        torch.testing.assert_close(hand.surface(links)[index], hand.surface(single)[0])
        torch.testing.assert_close(hand.distance(links, points)[index], hand.distance(single, points[index])[0])
        torch.testing.assert_close(hand.self_penetration(links)[index], hand.self_penetration(single)[0])
        np.testing.assert_allclose(hand.surface_of(pose), hand.surface(single)[0], atol=1e-12)


def test_surface_points_stay_on_their_links() -> None:
    hand, pose = shadow(), random_pose(3)
    at_rest, posed = hand.world_from_links(*tensors(OPEN))[0].numpy(), hand.world_from_links(*tensors(pose))[0].numpy()
    index = [hand.links.index(link) for link in hand.surface_links]
    rest, moved = hand.surface_of(OPEN), hand.surface_of(pose)
    for i, link in enumerate(index):
        carried = posed[link] @ np.linalg.inv(at_rest[link]) @ np.append(rest[i], 1)
        np.testing.assert_allclose(moved[i], carried[:3], atol=1e-9)


def test_the_hand_is_a_right_hand_as_the_docstrings_say() -> None:
    """Fingers along +z, index and thumb side +x, curling joints turn towards -y, where the palm faces."""
    hand = shadow()
    links = dict(zip(hand.links, hand.world_from_links(*tensors(OPEN))[0].numpy()[:, :3, 3], strict=True))
    assert links[PREFIX + "mfdistal"][2] > links[PREFIX + "mfproximal"][2] > 0.05
    assert links[PREFIX + "ffdistal"][0] > links[PREFIX + "mfdistal"][0] > links[PREFIX + "lfdistal"][0]
    assert links[PREFIX + "thdistal"][0] > links[PREFIX + "ffdistal"][0]
    for joint, link in (("FFJ2", "ffdistal"), ("MFJ1", "mfdistal"), ("RFJ2", "rfdistal"), ("LFJ2", "lfdistal")):
        joints = np.zeros(22)
        joints[JOINT_NAMES.index(joint)] = 0.5
        curled = hand.world_from_links(*tensors(HandPose(np.zeros(3), np.eye(3), joints)))[0].numpy()[:, :3, 3]
        assert curled[hand.links.index(PREFIX + link)][1] < links[PREFIX + link][1] - 0.005


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_distance_is_that_to_the_nearest_collision_geom(seed: int) -> None:
    pose, rng = random_pose(seed), np.random.default_rng(seed)
    points = pose.translation + rng.normal(scale=0.08, size=(300, 3))
    expected = np.min([primitive_distance(points, *rest) for _, *rest in posed_primitives(pose)], axis=0)
    found = shadow().distance(shadow().world_from_links(*tensors(pose)), torch.tensor(points))[0].numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert (expected < 0).any()


def test_collision_geoms_lie_about_the_meshes() -> None:
    """No point of the visual mesh of a finger is further than a few millimetres from the hand that distances know."""
    vertices, _ = shadow().mesh(OPEN)
    distance = shadow().distance(shadow().world_from_links(*tensors(OPEN)), torch.tensor(vertices))[0].numpy()
    lengths = [len(mesh.vertices) for mesh in shadow().model.meshes]
    owner = np.repeat([mesh.link for mesh in shadow().model.meshes], lengths)
    finger = np.array([link.endswith(("distal", "middle", "proximal")) for link in owner])
    assert np.abs(distance[finger]).max() < 0.012 and np.median(np.abs(distance[finger])) < 0.003


def numpy_self_penetration(pose: HandPose) -> float:
    """Spheres along capsules against every primitive that the open hand keeps clear of, pair by pair."""
    at_rest, posed = posed_primitives(OPEN), posed_primitives(pose)
    total = 0.0
    for one_rest, one in zip(at_rest, posed, strict=True):
        if one[1] != "capsule":
            continue
        for other_rest, other in zip(at_rest, posed, strict=True):
            along = np.linspace(-1, 1, SPHERES_PER_CAPSULE)[:, None]
            rest_gap, gap = (
                primitive_distance(c[2][:3, 3] + along * c[3][1] * c[2][:3, 2], *d[1:]) - c[3][0]
                for c, d in ((one_rest, other_rest), (one, other))
            )
            if rest_gap.min() > 0:
                total += np.clip(-gap, 0, None).sum() / SPHERES_PER_CAPSULE
    return total


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_self_penetration_equals_pair_by_pair(seed: int) -> None:
    pose = random_pose(seed)
    found = float(shadow().self_penetration(shadow().world_from_links(*tensors(pose)))[0])
    assert found == pytest.approx(numpy_self_penetration(pose), abs=1e-6)


def test_self_penetration_of_the_open_hand_and_of_a_fist_through_the_thumb() -> None:
    hand = shadow()
    assert float(hand.self_penetration(hand.world_from_links(*tensors(OPEN)))) == 0
    through = float(hand.self_penetration(hand.world_from_links(*tensors(fist()))))
    assert through > 0.01 and through == pytest.approx(numpy_self_penetration(fist()), abs=1e-6)


def smooth_places(pose: HandPose, rng: np.random.Generator, count: int) -> np.ndarray:
    points = pose.translation + rng.normal(scale=0.06, size=(10 * count, 3))
    return points[has_one_nearest(points, pose)][:count]


@pytest.mark.parametrize("seed", [0, 1])
def test_gradients(seed: int) -> None:
    hand, rng = shadow(), np.random.default_rng(seed)
    poses = [random_pose(seed), HandPose(np.zeros(3), random_pose(seed + 9).rotation, fist().joints)]
    inputs = [torch.cat(parts) for parts in zip(*map(tensors, poses), strict=True)]
    points = torch.tensor(np.stack([smooth_places(pose, rng, 40) for pose in poses]))
    check_gradient(hand.world_from_links, *inputs)
    check_gradient(lambda *x: hand.surface(hand.world_from_links(*x)), *inputs)
    check_gradient(lambda p, *x: hand.distance(hand.world_from_links(*x), p), points, *inputs)
    check_gradient(lambda *x: hand.self_penetration(hand.world_from_links(*x)), *inputs)


def test_gradcheck_of_the_joints() -> None:
    translation, rotation, joints = tensors(random_pose(5))
    hand = shadow()
    assert torch.autograd.gradcheck(
        lambda x: hand.world_from_links(translation, rotation, x), (joints.requires_grad_(),), fast_mode=True
    )


def test_the_demonstration_on_the_mug_has_the_gaps_that_its_maker_measured() -> None:
    said = json.loads((kitchen() / "ref_pose_mug.json").read_text())
    pose, mug = load_reference_pose(kitchen() / "ref_pose_mug.npy", SHADOW_JOINTS), said["mug_used"]
    vertices, start, gaps = shadow().mesh(pose)[0], 0, {}
    for mesh in shadow().model.meshes:
        part = vertices[start : start + len(mesh.vertices)]
        start += len(mesh.vertices)
        beside = np.linalg.norm(part[:, :2] - mug["axis_xy_m"], axis=1) - mug["radius_m"]
        above = part[:, 2] - mug["height_m"]
        outside = np.hypot(np.maximum(beside, 0), np.maximum(above, 0))
        gaps[mesh.link.removeprefix(PREFIX)] = float((outside + np.minimum(np.maximum(beside, above), 0)).min() * 1000)
    for link, gap in said["checks"]["target"]["fingertip_gap_mm"].items():
        assert gaps[link] == pytest.approx(gap, abs=0.1), link
    assert gaps["palm"] == pytest.approx(said["checks"]["target"]["palm_gap_mm"], abs=0.1)
    assert 1000 * vertices[:, 2].min() == pytest.approx(said["checks"]["lowest_z_mm"], abs=0.1)


def test_without_the_packaged_model_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(HandError, match=r"^[^\n]*pip install gymnasium-robotics$"):
        package_folder("gymnasium_robotics")


def test_a_pose_of_another_hand_is_refused() -> None:
    with pytest.raises(HandError, match="a pose of 16 joints"):
        shadow().pose_tensors(HandPose(np.zeros(3), np.eye(3), np.zeros(16)))
