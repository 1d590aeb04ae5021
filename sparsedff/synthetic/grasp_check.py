"""Is this a grasp? Distances, penetration, opposition, limits: measured exactly, against the object's own distance."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow import ShadowHand
from sparsedff.synthetic.scene import PlacedObject

Float = NDArray[np.float64]

FINGERTIPS = ("ffdistal", "mfdistal", "rfdistal", "lfdistal", "thdistal")


@dataclass(frozen=True)
class GraspReport:
    """What a pose of the hand does to an object on the table.

    The hand's solid is the union of its visual meshes and its collision primitives, which differ by up to 2 mm.

    Attributes:
        fingertip_gap_m: per distal link, distance of its solid to the object [m]; negative where it reaches inside.
        penetration_m: how deep the deepest point of the hand lies inside the object [m].
        table_clearance_m: height of the hand's lowest point over the table [m].
        self_penetration_m: `ShadowHand.self_penetration` [m].
        opposition: cosine between the object's normal under the thumb and the mean of those under the fingers; -1 is
            fully opposed.
        palm_tilt_rad: angle between the palmar direction and straight down [rad].
        palm_gap_m: distance of the palm body to the object [m].
        limit_margin_rad: smallest distance of a joint to its limits [rad]; negative beyond them.
    """

    fingertip_gap_m: dict[str, float]
    penetration_m: float
    table_clearance_m: float
    self_penetration_m: float
    opposition: float
    palm_tilt_rad: float
    palm_gap_m: float
    limit_margin_rad: float

    @property
    def holds(self) -> bool:
        """All five fingertips within 2 mm, less than 1 mm inside, thumb opposed, palm within 40 degrees of down."""
        return (
            max(self.fingertip_gap_m.values()) < 0.002
            and self.penetration_m < 0.001
            and self.table_clearance_m > 0.0
            and self.self_penetration_m < 5e-4
            and self.opposition < -0.7
            and self.palm_tilt_rad < np.deg2rad(40.0)
            and self.limit_margin_rad >= 0.0
        )

    def __str__(self) -> str:
        """One number a line, lengths in millimetres and angles in degrees."""
        gaps = "  ".join(f"{link} {1000 * gap:+.2f}" for link, gap in self.fingertip_gap_m.items())
        lines = [f"fingertip gaps    {gaps} mm"]
        for name, value in asdict(self).items():
            if name.endswith("_m") and name != "fingertip_gap_m":
                lines.append(f"{name.removesuffix('_m'):<18}{1000 * value:.2f} mm")
            elif name.endswith("_rad"):
                lines.append(f"{name.removesuffix('_rad'):<18}{np.rad2deg(value):.2f} deg")
        return "\n".join([*lines, f"{'opposition':<18}{self.opposition:.2f}", f"{'holds':<18}{self.holds}"])


def check_grasp(hand: ShadowHand, pose: HandPose, placed: PlacedObject) -> GraspReport:
    """Measure a grasp of a placed object by a hand in a pose."""
    points, owner = solid_points(hand, pose)
    distance = placed.distance(points)
    gaps, contacts = {}, {}
    for tip in FINGERTIPS:
        mine = np.flatnonzero(owner == hand.links.index(f"robot0:{tip}"))
        closest = mine[np.argmin(distance[mine])]
        gaps[tip], contacts[tip] = float(distance[closest]), points[closest]
    normals = placed.normals(np.stack([contacts[tip] for tip in FINGERTIPS]))
    fingers = normals[:4].mean(axis=0)
    limits = hand.model.joint_limits
    tensors = hand.pose_tensors(pose)
    with torch.no_grad():
        self_penetration = float(hand.self_penetration(hand.world_from_links(*tensors))[0])
    return GraspReport(
        fingertip_gap_m=gaps,
        penetration_m=float(max(0.0, -distance.min())),
        table_clearance_m=float(points[:, 2].min()),
        self_penetration_m=self_penetration,
        opposition=float(normals[4] @ fingers / np.linalg.norm(fingers)),
        palm_tilt_rad=float(np.arccos(np.clip(pose.rotation[2, 1], -1.0, 1.0))),
        palm_gap_m=float(distance[owner == hand.links.index("robot0:palm")].min()),
        limit_margin_rad=float(np.minimum(pose.joints - limits[:, 0], limits[:, 1] - pose.joints).min()),
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
