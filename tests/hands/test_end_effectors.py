"""Every shipped end effector: kinematics against MuJoCo, distances against meshes, surface points, limits, coupling."""

from __future__ import annotations

from functools import cache

import mujoco
import numpy as np
import pytest
import torch
import trimesh
from scipy.cluster.vq import kmeans2
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation
from scipy.stats import chi2

from sparsedff.geometry import apply
from sparsedff.hands.base import Primitive
from sparsedff.hands.closing import pads
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.registry import SHIPPED, end_effector
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.surface import sample_surface
from sparsedff.hands.tessellate import primitive_distance
from sparsedff.transfer.free_variables import FreeVariables
from sparsedff.transfer.settings import AlignmentSettings

EVERY = pytest.mark.parametrize("name", SHIPPED)


@cache
def hand_of(name: str) -> ModelHand:
    return ModelHand(end_effector(name), HandSettings(pt_nums=100), dtype=torch.float64)


def random_joints(hand: ModelHand, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(*hand.limits_rad.T, (count, len(hand.layout)))


@EVERY
def test_every_link_is_where_mujoco_puts_it_for_200_joint_vectors(name: str) -> None:
    hand, spec = hand_of(name), end_effector(name)
    model = mujoco.MjModel.from_xml_string(hand.model.mjcf, hand.model.assets)
    data, joints = mujoco.MjData(model), random_joints(hand, 200)
    places = {each.joint: (each.leader, each.ratio, each.offset) for each in spec.followers}
    places |= {own: (own, 1.0, 0.0) for own in spec.layout.names}
    rotation = Rotation.random(200, random_state=1).as_matrix()
    translation = np.random.default_rng(2).uniform(-0.5, 0.5, (200, 3))
    found = hand.world_from_links(*(torch.tensor(each) for each in (translation, rotation, joints))).numpy()
    palm_from_root = np.eye(4)
    palm_from_root[:3, :3] = spec.palm_from_root
    for index in range(200):
        for joint, (leader, ratio, offset) in places.items():
            number = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT, spec.prefix + joint)
            if number >= 0:
                data.qpos[model.jnt_qposadr[number]] = ratio * joints[index, spec.layout.index(leader)] + offset
        mujoco.mj_kinematics(model, data)
        world_from_palm = HandPose(translation[index], rotation[index], joints[index]).world_from_palm
        out = world_from_palm @ palm_from_root @ np.linalg.inv(frame(data, spec.link(spec.root)))
        truth = np.stack([out @ frame(data, link) for link in hand.links])
        np.testing.assert_allclose(found[index], truth, atol=1e-5)


def frame(data: mujoco.MjData, body: str) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = data.body(body).xmat.reshape(3, 3), data.body(body).xpos
    return matrix


@EVERY
def test_distances_are_those_to_a_dense_mesh(name: str) -> None:
    """Of the union: outside the nearest of all meshes, inside the depth in the mesh that a point is deepest in."""
    hand = hand_of(name)
    joints = random_joints(hand, 1, 3)[0]
    pose = HandPose(np.array([0.1, -0.2, 0.3]), Rotation.random(random_state=4).as_matrix(), joints)
    links = hand.world_from_links(*hand.pose_tensors(pose))
    rng, vertices = np.random.default_rng(5), hand.mesh(pose)[0]
    points = vertices[rng.integers(len(vertices), size=80)] + rng.normal(scale=0.015, size=(80, 3))
    truth = np.full(80, np.inf)
    for primitive in hand.model.primitives:
        world_from_link = links[0, hand.links.index(primitive.link)].numpy()
        truth = np.minimum(truth, mesh_distance(dense(primitive), world_from_link, points))
    found = hand.distance(links, torch.tensor(points))[0].numpy()
    np.testing.assert_allclose(found, truth, atol=2e-4)


def dense(primitive: Primitive) -> trimesh.Trimesh:
    """The primitive as the convex hull of its corners, or of two fine balls: not as the package makes it."""
    half = primitive.half_size
    if primitive.kind == "box":
        corners = half * np.array(np.meshgrid(*[(-1, 1)] * 3)).reshape(3, -1).T
    else:
        ball = trimesh.creation.icosphere(subdivisions=3, radius=half[0]).vertices
        along = np.array([0.0, 0.0, half[1]])
        corners = np.concatenate([ball + along, ball - along])
    return trimesh.Trimesh(apply(primitive.link_from_primitive, corners)).convex_hull


def mesh_distance(mesh: trimesh.Trimesh, world_from_link: np.ndarray, points: np.ndarray) -> np.ndarray:
    local = apply(np.linalg.inv(world_from_link), points)
    planes = ((local[:, None] - mesh.triangles_center) * mesh.face_normals).sum(axis=2).max(axis=1)
    outside = np.flatnonzero(planes > 0)
    if len(outside):
        faces = 1000 * np.repeat(mesh.triangles[None], len(outside), axis=0).reshape(-1, 3, 3)  # mm, see trimesh
        each = np.repeat(1000 * local[outside], len(mesh.faces), axis=0)
        nearest = trimesh.triangles.closest_point(faces, each)
        apart = np.linalg.norm(nearest - each, axis=1).reshape(len(outside), -1).min(axis=1) / 1000
        planes[outside] = apart
    return planes


@EVERY
def test_surface_points_are_spread_by_area(name: str) -> None:
    """On the largest links: points fall into patches as often as the patches' share of the seen area says."""
    hand = hand_of(name)
    inside = hand.model.inside if hand.model.solid else None
    for mesh in sorted(hand.meshes, key=lambda one: -np.ptp(one.vertices, axis=0).prod())[:2]:
        points = sample_surface([mesh], 300, 1.0, 0, (), (), inside).points_link
        even, _ = trimesh.sample.sample_surface(trimesh.Trimesh(mesh.vertices, mesh.faces), 20000, seed=9)
        even = np.asarray(even) if inside is None else np.asarray(even)[~inside(mesh, np.asarray(even))]
        middles, patch = kmeans2(even, 16, minit="++", seed=1)
        expected = 300 * np.bincount(patch, minlength=16) / len(even)
        seen = np.bincount(cKDTree(middles).query(points)[1], minlength=16)
        assert ((seen - expected) ** 2 / expected).sum() < chi2.ppf(0.99, 15), mesh.link


@EVERY
def test_no_surface_point_lies_inside_of_the_hands_solid(name: str) -> None:
    hand = hand_of(name)
    if hand.model.solid:  # meshes of their own may lie in the primitives that stand for them
        points = hand._surface_link.numpy()
        for index, link in enumerate(hand.surface_links):
            own = [each for each in hand.model.primitives if each.link == link]
            depth = min(float(primitive_distance(each, points[index : index + 1])[0]) for each in own)
            assert abs(depth) < 1e-3


@EVERY
def test_limits_the_sigmoid_and_couplings_at_their_ends(name: str) -> None:
    hand, spec = hand_of(name), end_effector(name)
    low, high = hand.limits_rad.T
    assert (low < high).all() and np.isfinite(hand.limits_rad).all()
    at = [HandPose(np.zeros(3), np.eye(3), each) for each in (low - 1, high + 1)]
    for pose, end in zip(at, (low, high), strict=True):
        reached = hand.reachable(pose).joints
        assert (reached >= low - 1e-12).all() and (reached <= high + 1e-12).all()
        free = [
            i for i, n in enumerate(spec.layout.names) if n not in {x for c in spec.cords for x in (c.inner, c.outer)}
        ]
        np.testing.assert_array_equal(reached[free], end[free])
    for joints in random_joints(hand, 20, 6):
        reached = hand.reachable(HandPose(np.zeros(3), np.eye(3), joints)).joints
        for cord in spec.cords:  # on a stop the cord may be stretched by the last quarter of a millimetre
            inner, outer = spec.layout.index(cord.inner), spec.layout.index(cord.outer)
            stopped = np.isclose(reached[[inner, outer]], hand.limits_rad[[inner, outer]].T).any()
            stretch = abs(cord.outer_m * reached[outer] - cord.inner_m * reached[inner])
            assert stretch <= cord.slack_m + (2.5e-4 if stopped else 1e-9)
    # Starts on the stops begin 2 % inside of them, as the sigmoid has no slope there; a far raw value reaches them.
    starts = [HandPose(np.zeros(3), np.eye(3), each) for each in (low, high)]
    joints = FreeVariables(starts, hand, AlignmentSettings()).decoded()[2].detach().numpy()
    np.testing.assert_allclose(joints, [low + 0.02 * (high - low), high - 0.02 * (high - low)], atol=1e-9)


@EVERY
def test_jacobians_of_the_pads_are_finite_differences_and_opening_parts_them(name: str) -> None:
    hand = hand_of(name)
    joints = hand.limits_rad.mean(axis=1)
    pose = hand.reachable(HandPose(np.zeros(3), np.eye(3), joints))
    _, jacobians = pads(hand, pose)
    direction = np.random.default_rng(0).normal(size=len(joints))
    coupled = direction.copy()
    for cord in hand.spec.cords:
        inner, outer = hand.layout.index(cord.inner), hand.layout.index(cord.outer)
        coupled[outer] = cord.inner_m / cord.outer_m * direction[inner]
    sides = [pads(hand, HandPose(np.zeros(3), np.eye(3), pose.joints + s * 1e-6 * coupled))[0] for s in (1, -1)]
    np.testing.assert_allclose((sides[0] - sides[1]) / 2e-6, jacobians @ direction, atol=1e-6)
    grasp = hand.reachable(HandPose(np.zeros(3), np.eye(3), hand.spec.posture(hand.spec.ready, hand.limits_rad)))
    before, after = (pads(hand, each)[0] for each in (grasp, hand.opened(grasp, 0.01)))
    assert np.linalg.norm(after[:-1] - after[-1], axis=1).min() > np.linalg.norm(before[:-1] - before[-1], axis=1).min()


def test_the_grippers_one_number_is_the_opening_between_its_pads() -> None:
    hand = hand_of("parallel_gripper")
    np.testing.assert_allclose(hand.limits_rad, [[0.0, 0.085]])
    for opening in (0.0, 0.03, 0.085):
        vertices = hand.mesh(HandPose(np.zeros(3), np.eye(3), np.array([opening])))[0]
        jaws = vertices[vertices[:, 1] < -0.001]
        inner = np.abs(jaws[:, 0]).min()
        assert inner == pytest.approx(opening / 2, abs=1e-9)
        assert jaws[:, 1].min() == pytest.approx(-0.060)
