"""The checks of a grasp: gaps, penetration, opposition and limits, measured against the object's exact distance."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.synthetic.grasping.goal import GraspGoal
from sparsedff.synthetic.grasping.hand import coupling_excess, pads
from sparsedff.synthetic.grasping.task import FINGERTIPS, THUMB, GraspTask
from sparsedff.synthetic.grasping.wrench import holding_effort
from sparsedff.synthetic.rendering.scene import PlacedObject

Float = NDArray[np.float64]

TOUCH_M = 0.002
"""Links nearer than this to the object carry it when the hand closes [m]."""


@dataclass(frozen=True)
class GraspReport:
    """What a pose of the hand does to an object on the table.

    The hand's solid is the union of its visual meshes and its collision primitives, which differ by up to 2 mm.

    Attributes:
        task: what was asked for.
        fingertip_gap_m: per distal link, distance of its solid to the object [m]; negative where it reaches inside.
        penetration_m: how deep the deepest point of the hand lies inside the object [m].
        table_clearance_m: height of the hand's lowest point over the table [m].
        self_penetration_m: `ShadowHand.self_penetration` [m].
        region_miss_m: largest distance of a pad that must touch to its region [m].
        opposition: cosine between the object's normal under the thumb and the mean of those under the fingers that must
            touch; -1 is fully opposed.
        palm_tilt_rad: angle between the palmar direction and the task's approach [rad].
        palm_gap_m: distance of the palm body to the object [m].
        limit_margin_rad: smallest distance of a joint to its limits [rad]; negative beyond them.
        coupling_rad: by how much the coupled end joints of a finger break their tendon [rad].
        effort: `holding_effort` of all links within 2 mm of the object, in weights of the object.
    """

    task: GraspTask
    fingertip_gap_m: dict[str, float]
    penetration_m: float
    table_clearance_m: float
    self_penetration_m: float
    region_miss_m: float
    opposition: float
    palm_tilt_rad: float
    palm_gap_m: float
    limit_margin_rad: float
    coupling_rad: float
    effort: float

    @property
    def faults(self) -> list[str]:
        """Names of the checks that fail: fingertips within 2 mm, less than 1 mm inside, thumb opposed, and so on."""
        passed = {
            "fingertip_gap": max(self.fingertip_gap_m[tip] for tip in self.task.tips) < TOUCH_M,
            "penetration": self.penetration_m < 0.001,
            "table": self.table_clearance_m > 0.003,
            "self_penetration": self.self_penetration_m < 5e-4,
            "region": self.region_miss_m < 0.012,
            "opposition": self.opposition < self.task.opposition,
            "palm_tilt": self.palm_tilt_rad < self.task.free_angle_rad,
            "limits": self.limit_margin_rad >= 0.0,
            "coupling": self.coupling_rad < 0.02,
        }
        return [name for name, good in passed.items() if not good]

    @property
    def holds(self) -> bool:
        """No check fails."""
        return not self.faults

    def __str__(self) -> str:
        """One number a line, lengths in millimetres and angles in degrees."""
        gaps = "  ".join(f"{link} {1000 * gap:+.2f}" for link, gap in self.fingertip_gap_m.items())
        lines = [f"{'task':<18}{self.task.name}", f"fingertip gaps    {gaps} mm"]
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name.endswith("_m") and entry.name != "fingertip_gap_m":
                lines.append(f"{entry.name.removesuffix('_m'):<18}{1000 * value:.2f} mm")
            elif entry.name.endswith("_rad"):
                lines.append(f"{entry.name.removesuffix('_rad'):<18}{np.rad2deg(value):.2f} deg")
        lines += [f"{'opposition':<18}{self.opposition:.2f}", f"{'effort':<18}{self.effort:.1f} weights"]
        return "\n".join([*lines, f"{'faults':<18}{', '.join(self.faults) or 'none'}"])


def check_grasp(hand: ShadowHand, pose: HandPose, placed: PlacedObject, task: GraspTask) -> GraspReport:
    """Measure a grasp of a placed object by a hand in a pose, against what the task asks.

    Raises:
        ConfigError: the object lacks the task's regions.
    """
    goal = GraspGoal(placed, task)
    points, owner = solid_points(hand, pose)
    distance = placed.distance(points)
    gaps, contacts = {}, {}
    for index, link in enumerate(hand.links):
        mine = np.flatnonzero(owner == index)
        closest = mine[np.argmin(distance[mine])]
        gaps[link.removeprefix("robot0:")], contacts[link.removeprefix("robot0:")] = distance[closest], points[closest]
    touching = np.stack([contacts[link] for link, gap in gaps.items() if gap < TOUCH_M] or [np.zeros(3)])
    normals = dict(zip(FINGERTIPS, placed.normals(np.stack([contacts[tip] for tip in FINGERTIPS])), strict=True))
    fingers = np.mean([normals[tip] for tip in task.tips if tip != THUMB], axis=0)
    limits = hand.model.joint_limits
    tensors = hand.pose_tensors(pose)
    with torch.no_grad():
        links = hand.world_from_links(*tensors)
        self_penetration = float(hand.self_penetration(links)[0])
        places = pads(hand, links)[0]
        under = torch.tensor(placed.normals(places[0].numpy().astype(np.float64)), dtype=places.dtype)
        stray = goal.distance_to_regions(places, under[None])[0]
        coupling = float(coupling_excess(tensors[2]).max())
    return GraspReport(
        task=task,
        fingertip_gap_m={tip: float(gaps[tip]) for tip in FINGERTIPS},
        penetration_m=float(max(0.0, -distance.min())),
        table_clearance_m=float(points[:, 2].min()),
        self_penetration_m=self_penetration,
        region_miss_m=float(max(stray[FINGERTIPS.index(tip)] for tip in task.tips)),
        opposition=float(normals[THUMB] @ fingers / np.linalg.norm(fingers)),
        palm_tilt_rad=float(np.arccos(np.clip(-pose.rotation[:, 1] @ goal.approach_world, -1.0, 1.0))),
        palm_gap_m=float(gaps["palm"]),
        limit_margin_rad=float(np.minimum(pose.joints - limits[:, 0], limits[:, 1] - pose.joints).min()),
        coupling_rad=coupling,
        effort=holding_effort(touching, placed.normals(touching), placed.mesh_world.center_mass),
    )


def solid_points(hand: ShadowHand, pose: HandPose) -> tuple[Float, NDArray[np.int64]]:
    """Points (N, 3) [m] in the world, dense on all meshes and primitives, and the link (N,) in `hand.links` of each."""
    with torch.no_grad():
        poses = hand.world_from_links(*hand.pose_tensors(pose))[0].cpu().numpy().astype(np.float64)
    pieces = [(mesh.link, mesh.vertices) for mesh in hand.model.meshes]
    for primitive in hand.model.primitives:
        local = (
            _capsule_surface(primitive.half_size) if primitive.kind == "capsule" else _box_surface(primitive.half_size)
        )
        pieces.append(
            (primitive.link, local @ primitive.link_from_primitive[:3, :3].T + primitive.link_from_primitive[:3, 3])
        )
    points, owners = [], []
    for link, local in pieces:
        index = hand.links.index(link)
        points.append(local @ poses[index, :3, :3].T + poses[index, :3, 3])
        owners.append(np.full(len(local), index))
    return np.concatenate(points), np.concatenate(owners)


def _capsule_surface(half_size: Float) -> Float:
    """Points (N, 3) [m] on a capsule about the z axis, at most some 1.5 mm apart."""
    radius, half_length = half_size[:2]
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    latitude = np.linspace(-np.pi / 2, np.pi / 2, 25)
    # Each row of latitudes belongs to the nearer cap; rows along the straight part are added between them.
    rows = [(radius * np.cos(a), np.sign(a) * half_length + radius * np.sin(a)) for a in latitude if a != 0.0]
    rows += [(radius, z) for z in np.linspace(-half_length, half_length, 25)]
    rho, z = np.array(rows).T
    return np.stack(
        [np.outer(rho, np.cos(angle)), np.outer(rho, np.sin(angle)), np.repeat(z[:, None], 48, axis=1)], axis=-1
    ).reshape(-1, 3)


def _box_surface(half_size: Float) -> Float:
    """Points (N, 3) [m] on the six faces of a box."""
    faces = []
    for axis in range(3):
        u, v = (other for other in range(3) if other != axis)
        grid = np.stack(np.meshgrid(np.linspace(-1, 1, 25), np.linspace(-1, 1, 25)), axis=-1).reshape(-1, 2)
        for side in (-1.0, 1.0):
            face = np.empty((len(grid), 3))
            face[:, axis], face[:, u], face[:, v] = side, grid[:, 0], grid[:, 1]
            faces.append(face * half_size)
    return np.concatenate(faces)
