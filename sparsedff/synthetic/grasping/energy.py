"""How good a grasp is, differentiable in the hand's pose: the energy that search.py minimises."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.synthetic.grasping.distance_grid import DistanceGrid
from sparsedff.synthetic.grasping.goal import GraspGoal
from sparsedff.synthetic.grasping.hand import box_points, capsule_spheres, coupling_excess, inner_points, pads

FAR_M = 0.005  # a pad within this distance of its region's sampled points is in the region


@dataclass(frozen=True)
class GraspTerms:
    """Thresholds and weights; weights are per square metre where a term is a squared length.

    Attributes:
        clearance_m: gap that the pads are drawn to [m]; a hair's breadth, so that nothing lies inside.
        contact_weight: of the pads' squared distances from that gap.
        region_weight: of the pads' squared distances from the task's regions.
        penetration_weight: of the hand's squared depths in the object.
        facing_weight: of 1 - cosine between a pad's normal and the direction to the surface, summed over pads.
        opposition_weight: of 1 + cosine between the surface normals under the thumb and under the fingers.
        self_weight: of the hand's depth in itself, per metre.
        tilt_weight: of the squared angle beyond the task's free angle, less a margin of 0.1 rad.
        wrap_weight: of the mean gap of palm and inner links, per metre, times the task's `wrap`.
        coupling_weight: of the squared excess of the fingers' coupled end joints [rad].
        table_weight: of the hand's squared depths below 5 mm over the table.
    """

    clearance_m: float = 0.0008
    contact_weight: float = 2e4
    region_weight: float = 8e3
    penetration_weight: float = 8e4
    facing_weight: float = 0.5
    opposition_weight: float = 3.0
    self_weight: float = 200.0
    tilt_weight: float = 20.0
    wrap_weight: float = 60.0
    coupling_weight: float = 20.0
    table_weight: float = 4e4


def grasp_energy(
    hand: ShadowHand,
    grid: DistanceGrid,
    goal: GraspGoal,
    translation: Tensor,
    rotation: Tensor,
    joints: Tensor,
    terms: GraspTerms,
) -> Tensor:
    """Energy (B,): pads near the surface, in their regions and facing it, thumb opposed, palm along the approach, and
    nothing inside object, table or hand.

    Args:
        hand: its surface points are those kept out of the object.
        grid: the object.
        goal: the task, in the world.
        translation, rotation, joints: (B, 3) [m], (B, 3, 3), (B, 22) [rad].
        terms: weights and thresholds.
    """
    links = hand.world_from_links(translation, rotation, joints)
    places, pad_normals = pads(hand, links)
    gap, normals = grid(places), grid.normals(places)
    used = goal.used  # (5,) 1 for the tips that must touch
    fingers = normalize((normals[:, :4] * used[:4, None]).sum(dim=1), dim=-1)

    contact = ((gap - terms.clearance_m) ** 2 * used).sum(dim=1)
    stray = ((goal.distance_to_regions(places, normals) - FAR_M).clamp(min=0.0) ** 2 * used).sum(dim=1)
    facing = ((1.0 + (pad_normals * normals).sum(dim=-1)) * used).sum(dim=1)
    opposition = 1.0 + (normals[:, 4] * fingers).sum(dim=-1)
    surface = torch.cat([hand.surface(links), box_points(hand, links)], dim=1)
    centres, radii = capsule_spheres(hand, links)
    # Measured from half the clearance, so that hardly anything touches but the pads.
    depth = (0.5 * terms.clearance_m - grid(surface)).clamp(min=0.0)
    ball_depth = (radii + 0.5 * terms.clearance_m - grid(centres)).clamp(min=0.0)
    inside = (depth**2).sum(dim=1) + (ball_depth**2).sum(dim=1)
    under = ((0.005 - surface[..., 2]).clamp(min=0.0) ** 2).sum(dim=1)
    facing_palm = -(rotation[:, :, 1] * goal.approach).sum(dim=1)
    tilt = torch.arccos(facing_palm.clamp(-0.9999, 0.9999)) - (goal.free_angle_rad - 0.1)
    total = (
        terms.contact_weight * contact
        + terms.region_weight * stray
        + terms.penetration_weight * inside
        + terms.facing_weight * facing
        + terms.opposition_weight * opposition
        + terms.self_weight * hand.self_penetration(links)
        + terms.tilt_weight * tilt.clamp(min=0.0) ** 2
        + terms.coupling_weight * (coupling_excess(joints) ** 2).sum(dim=1)
        + terms.table_weight * under
    )
    if goal.wrap > 0:
        total = total + terms.wrap_weight * goal.wrap * grid(inner_points(hand, links)).clamp(min=0.0).mean(dim=1)
    return total
