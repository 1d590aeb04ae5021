"""What makes a grasp good, differentiable in the hand's pose: the energy that grasp.py minimises."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample, normalize

from sparsedff.hands.shadow import ShadowHand
from sparsedff.synthetic.grasp_check import FINGERTIPS
from sparsedff.synthetic.scene import PlacedObject

# Where the pads are, in the distal links' frames [m]: fingers curl towards -y, the thumb towards -x.
_FINGER_PAD, _FINGER_PAD_NORMAL = (0.0, -0.0073, 0.020), (0.0, -1.0, 0.0)
_THUMB_PAD, _THUMB_PAD_NORMAL = (-0.0095, 0.0, 0.022), (-1.0, 0.0, 0.0)


@dataclass(frozen=True)
class GraspTerms:
    """Thresholds and weights; weights are per square metre where a term is a squared length.

    Attributes:
        clearance_m: gap that the pads are drawn to [m]; a hair's breadth, so that nothing lies inside.
        tilt_rad: palm tilt that costs nothing [rad].
        contact_weight: of the pads' squared distances from that gap.
        penetration_weight: of the hand's squared depths in the object.
        facing_weight: of 1 - cosine between a pad's normal and the direction to the surface, summed over pads.
        opposition_weight: of 1 + cosine between the surface normals under the thumb and under the fingers.
        self_weight: of the hand's depth in itself, per metre.
        tilt_weight: of the squared tilt beyond `tilt_rad`.
    """

    clearance_m: float = 0.0006
    tilt_rad: float = 0.45
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


def grasp_energy(
    hand: ShadowHand, grid: DistanceGrid, translation: Tensor, rotation: Tensor, joints: Tensor, terms: GraspTerms
) -> Tensor:
    """Energy (B,): pads near the surface and facing it, thumb opposed, nothing inside object or hand, palm down.

    Args:
        hand: its surface points are those kept out of the object.
        grid: the object.
        translation, rotation, joints: (B, 3) [m], (B, 3, 3), (B, 22) [rad].
        terms: weights and thresholds.
    """
    links = hand.world_from_links(translation, rotation, joints)
    tips = links[:, [hand.links.index(f"robot0:{tip}") for tip in FINGERTIPS]]
    pad = tips.new_tensor([_FINGER_PAD] * 4 + [_THUMB_PAD])
    facing = tips.new_tensor([_FINGER_PAD_NORMAL] * 4 + [_THUMB_PAD_NORMAL])
    pads = (tips[..., :3, :3] @ pad[..., None])[..., 0] + tips[..., :3, 3]
    gap = grid(pads)
    normals = _gradient(grid, pads)
    pad_normals = (tips[..., :3, :3] @ facing[..., None])[..., 0]
    fingers = normalize(normals[:, :4].mean(dim=1), dim=-1)

    contact = ((gap - terms.clearance_m) ** 2).sum(dim=1)
    facing_cost = (1.0 + (pad_normals * normals).sum(dim=-1)).sum(dim=1)
    opposition = 1.0 + (normals[:, 4] * fingers).sum(dim=-1)
    inside = _inside(hand, grid, links, terms.clearance_m)
    tilt = torch.arccos(rotation[:, 2, 1].clamp(-0.9999, 0.9999)) - terms.tilt_rad
    return (
        terms.contact_weight * contact
        + terms.penetration_weight * inside
        + terms.facing_weight * facing_cost
        + terms.opposition_weight * opposition
        + terms.self_weight * hand.self_penetration(links)
        + terms.tilt_weight * tilt.clamp(min=0.0) ** 2
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
    return normalize(slope, dim=-1)
