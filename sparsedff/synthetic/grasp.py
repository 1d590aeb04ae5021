"""Find the demonstrated grasp: a Shadow Hand that holds monkey_original by the head, from above.

    python -m sparsedff.synthetic.grasp --output data/sample/ref_pose_monkey.npy

Many hands start over the head, palm down, fingers towards the back of the head and thumb towards the brow. All are
optimised at once; the best one that passes every check of grasp_check.py is written.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from torch import Tensor
from torch.nn.functional import grid_sample

from sparsedff.errors import HandError, SparseDFFError
from sparsedff.hands.pose import JOINT_NAMES, HandPose, save_reference_pose
from sparsedff.hands.rotation6d import rotation_from_6d, rotation_to_6d
from sparsedff.hands.shadow import ShadowHand
from sparsedff.synthetic.grasp_check import FINGERTIPS, GraspReport, check_grasp
from sparsedff.synthetic.sample import placed_monkey
from sparsedff.synthetic.scene import PlacedObject

# A hand about to grasp: fingers half curled, thumb swung under the palm [rad].
_READY = {"J3": 0.0, "J2": 0.65, "J1": 0.5, "J0": 0.45, "LFJ4": 0.2, "THJ4": 0.1, "THJ3": 1.1, "THJ2": 0.0, "THJ1": 0.0}
_READY_THUMB_TIP = -0.3

# Where the pads are, in the distal links' frames [m]: fingers curl towards -y, the thumb towards -x.
_FINGER_PAD, _FINGER_PAD_NORMAL = (0.0, -0.0073, 0.020), (0.0, -1.0, 0.0)
_THUMB_PAD, _THUMB_PAD_NORMAL = (-0.0095, 0.0, 0.022), (-1.0, 0.0, 0.0)


@dataclass(frozen=True)
class GraspSearch:
    """Settings of the search; weights are per square metre where a term is a squared length.

    Attributes:
        starts, steps, learning_rate: of Adam; the rate falls to a hundredth along a cosine.
        clearance_m: gap that the pads are drawn to [m]; a hair's breadth, so that nothing lies inside.
        tilt_rad: palm tilt that costs nothing [rad].
        joint_margin: share of each joint's range that stays unused at both ends.
    """

    starts: int = 48
    steps: int = 400
    learning_rate: float = 0.02
    clearance_m: float = 0.0006
    tilt_rad: float = 0.45
    joint_margin: float = 0.02
    contact_weight: float = 2e4
    penetration_weight: float = 4e4
    facing_weight: float = 0.5
    opposition_weight: float = 3.0
    self_weight: float = 200.0
    tilt_weight: float = 20.0


class DistanceGrid:
    """A placed object's signed distance on a grid in the world, differentiable in torch.

    Interpolation is trilinear: on 3 mm cells it is wrong by about 0.05 mm on a surface of 2 cm radius.
    """

    def __init__(self, placed: PlacedObject, cell_m: float = 0.003, margin_m: float = 0.05) -> None:
        low, high = placed.mesh_world.bounds + np.array([[-margin_m], [margin_m]])
        count = np.ceil((high - low) / cell_m).astype(int) + 1
        axes = [low[axis] + cell_m * np.arange(count[axis]) for axis in range(3)]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        values = placed.distance(grid.reshape(-1, 3)).reshape(count)
        # grid_sample wants (batch, channel, z, y, x)
        self._values = torch.tensor(values.transpose(2, 1, 0)[None, None], dtype=torch.float32)
        self._low = torch.tensor(low, dtype=torch.float32)
        self._span = torch.tensor(cell_m * (count - 1), dtype=torch.float32)

    def __call__(self, points: Tensor) -> Tensor:
        """Signed distance [m] of world points (B, N, 3); outside the grid that of its edge. (B, N)."""
        unit = 2.0 * (points - self._low) / self._span - 1.0
        # All batches at once in one volume: a batch of volumes would be copied for every batch element.
        sampled = grid_sample(self._values, unit.reshape(1, -1, 1, 1, 3), padding_mode="border", align_corners=True)
        return sampled.reshape(points.shape[:2])


def search_grasp(
    placed: PlacedObject, center: NDArray[np.float64], search: GraspSearch | None = None, seed: int = 0
) -> tuple[HandPose, GraspReport]:
    """Optimise hands that grasp the part of the object around `center` (3,) [m] from above; returns the best.

    Raises:
        HandError: no start ended in a grasp that passes all checks.
    """
    search = search or GraspSearch()
    hand = ShadowHand(surface_points=1500)
    grid = DistanceGrid(placed)
    limits = hand.joint_limits
    margin = search.joint_margin * (limits[:, 1] - limits[:, 0])
    low, high = limits[:, 0] + margin, limits[:, 1] - margin
    translation, columns, raw = _starts(center, low, high, search.starts, seed)
    variables = [translation.requires_grad_(), columns.requires_grad_(), raw.requires_grad_()]
    rates = (0.1 * search.learning_rate, search.learning_rate, 2.0 * search.learning_rate)
    optimiser = torch.optim.Adam([{"params": [v], "lr": rate} for v, rate in zip(variables, rates, strict=True)])
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, search.steps, 0.01 * search.learning_rate)
    for _ in range(search.steps):
        optimiser.zero_grad()
        joints = low + (high - low) * torch.sigmoid(raw)
        energy = _energy(hand, grid, translation, rotation_from_6d(columns), joints, search)
        energy.sum().backward()
        optimiser.step()
        schedule.step()

    with torch.no_grad():
        rotations, joints = rotation_from_6d(columns), low + (high - low) * torch.sigmoid(raw)
        energy = _energy(hand, grid, translation, rotations, joints, search)
    reports = []
    for index in torch.argsort(energy).tolist():
        pose = HandPose(translation[index].detach().numpy(), _orthonormal(rotations[index]), joints[index].numpy())
        reports.append(check_grasp(hand, pose, placed))
        if reports[-1].holds:
            return pose, reports[-1]
    raise HandError(f"none of {search.starts} starts ended in a grasp; the best was:\n{reports[0]}")


def _starts(center: NDArray, low: Tensor, high: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Translations (B, 3), rotation columns (B, 6) and raw joints (B, 22): palm down over the centre, fingers to -x."""
    rng = np.random.default_rng(seed)
    ready = np.array([_READY.get(name, _READY.get(name[2:], _READY_THUMB_TIP)) for name in JOINT_NAMES])
    ready[JOINT_NAMES.index("THJ0")] = _READY_THUMB_TIP
    # Columns x = (0, 1, 0), y = (0, 0, 1), z = (1, 0, 0): palm down, fingers to +x; turned by 180 degrees about z.
    palm_down = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    yaw = np.pi + rng.uniform(-0.5, 0.5, count)
    turns = Rotation.from_euler("z", yaw[:, None]).as_matrix() @ palm_down
    # The knuckles are 9 cm down the hand; the middle of the grip is about 5 cm along and 7 cm under the palm.
    grip = np.array([0.005, -0.070, 0.055]) + rng.normal(0.0, 0.008, (count, 3))
    translation = center - np.einsum("bij,bj->bi", turns, grip)
    joints = ready + rng.normal(0.0, 0.10, (count, len(ready)))
    share = ((torch.tensor(joints, dtype=torch.float32) - low) / (high - low)).clamp(0.05, 0.95)
    rotations = torch.tensor(turns, dtype=torch.float32)
    return torch.tensor(translation, dtype=torch.float32), rotation_to_6d(rotations), torch.logit(share)


def _energy(
    hand: ShadowHand, grid: DistanceGrid, translation: Tensor, rotation: Tensor, joints: Tensor, search: GraspSearch
) -> Tensor:
    """Energy (B,): pads near the surface and facing it, thumb opposed, nothing inside object or hand, palm down."""
    links = hand.world_from_links(translation, rotation, joints)
    tips = links[:, [hand.links.index(f"robot0:{tip}") for tip in FINGERTIPS]]
    pad = tips.new_tensor([_FINGER_PAD] * 4 + [_THUMB_PAD])
    facing = tips.new_tensor([_FINGER_PAD_NORMAL] * 4 + [_THUMB_PAD_NORMAL])
    pads = (tips[..., :3, :3] @ pad[..., None])[..., 0] + tips[..., :3, 3]
    gap = grid(pads)
    normals = _gradient(grid, pads)
    pad_normals = (tips[..., :3, :3] @ facing[..., None])[..., 0]
    fingers = torch.nn.functional.normalize(normals[:, :4].mean(dim=1), dim=-1)

    contact = ((gap - search.clearance_m) ** 2).sum(dim=1)
    facing_cost = (1.0 + (pad_normals * normals).sum(dim=-1)).sum(dim=1)
    opposition = 1.0 + (normals[:, 4] * fingers).sum(dim=-1)
    inside = _inside(hand, grid, links, search.clearance_m)
    tilt = torch.arccos(rotation[:, 2, 1].clamp(-0.9999, 0.9999)) - search.tilt_rad
    return (
        search.contact_weight * contact
        + search.penetration_weight * inside
        + search.facing_weight * facing_cost
        + search.opposition_weight * opposition
        + search.self_weight * hand.self_penetration(links)
        + search.tilt_weight * tilt.clamp(min=0.0) ** 2
    )


def _inside(hand: ShadowHand, grid: DistanceGrid, links: Tensor, clearance_m: float) -> Tensor:
    """Sum of squared depths (B,) [m^2] of mesh points and of spheres along the capsules, measured from half the
    clearance, so that hardly anything touches but the pads.
    """
    depth = (0.5 * clearance_m - grid(hand.surface(links))).clamp(min=0.0)
    centres, radii = _capsule_spheres(hand, links)
    return (depth**2).sum(dim=1) + ((radii + 0.5 * clearance_m - grid(centres)).clamp(min=0.0) ** 2).sum(dim=1)


def _capsule_spheres(hand: ShadowHand, links: Tensor, count: int = 7) -> tuple[Tensor, Tensor]:
    """Centres (B, S, 3) and radii (S,) [m] of spheres that fill the hand's capsules."""
    centres, radii = [], []
    for primitive in hand.model.primitives:
        if primitive.kind != "capsule":
            continue
        axis = links.new_tensor(primitive.link_from_primitive[:3, 2])
        start = links.new_tensor(primitive.link_from_primitive[:3, 3])
        along = torch.linspace(-1, 1, count, dtype=links.dtype) * float(primitive.half_size[1])
        pose = links[:, hand.links.index(primitive.link)]
        local = start + along[:, None] * axis
        centres.append(local @ pose[:, :3, :3].transpose(1, 2) + pose[:, None, :3, 3])
        radii.append(torch.full((count,), float(primitive.half_size[0]), dtype=links.dtype))
    return torch.cat(centres, dim=1), torch.cat(radii)


def _gradient(grid: DistanceGrid, points: Tensor, step_m: float = 0.003) -> Tensor:
    """Unit gradient (B, N, 3) of the distance by central differences, differentiable in its turn."""
    offsets = step_m * torch.eye(3, dtype=points.dtype)
    slope = torch.stack([grid(points + offset) - grid(points - offset) for offset in offsets], dim=-1)
    return torch.nn.functional.normalize(slope, dim=-1)


def _orthonormal(rotation: Tensor) -> NDArray[np.float64]:
    """The nearest exact rotation (3, 3) in double precision."""
    return Rotation.from_matrix(rotation.detach().numpy().astype(np.float64)).as_matrix()


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Find a grasp of monkey_original's head.")
    parser.add_argument("--output", default="data/sample/ref_pose_monkey.npy", help="file to write (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the starts (%(default)s)")
    arguments = parser.parse_args()
    try:
        placed = placed_monkey("monkey_original")
        head = next(part for part in placed.shape.parts if part.name == "head")
        center = placed.world_from_object[:3, :3] @ head.object_from_part[:3, 3] + placed.world_from_object[:3, 3]
        pose, report = search_grasp(placed, center, seed=arguments.seed)
        save_reference_pose(pose, Path(arguments.output))
    except (SparseDFFError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report)
    print(f"written to {arguments.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
