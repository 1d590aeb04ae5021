"""A hand fitted to points: the pose whose surface points come nearest to given places without going into an object."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.evaluate.metrics import CONTACT_M
from sparsedff.geometry import rigid_fit
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.synthetic.grasping.distance_grid import DistanceGrid
from sparsedff.synthetic.rendering.scene import PlacedObject
from sparsedff.transfer.free_variables import FreeVariables
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.terms.feature import contact_emphasis
from sparsedff.transfer.terms.joint_limits import joint_limit_term
from sparsedff.transfer.terms.penetration import penetration_term
from sparsedff.transfer.terms.posture import posture_term

Float = NDArray[np.float64]

STEPS = 400
PALM_RATE, JOINT_RATE = 0.003, 0.02
"""Lower than the method's, for the starts are nearly right."""
SOLID_POINTS = 1000
REACHES_M = (CONTACT_M, 0.02, 0.06)
"""Starts: the demonstrated hand moved rigidly as its points move that are this near to the reference object [m]."""
EMPHASIS_M = 0.006
LEVEL_WEIGHT, DEPTH_WEIGHT, SELF_WEIGHT, LIMIT_WEIGHT, POSTURE_WEIGHT = 2.0, 3.0, 10.0, 0.01, 0.02
"""Against metres of mean distance. A contact may slide along the surface rather than leave it or go in."""


def fit_hand(
    hand: Hand, demonstration: HandPose, places: Float, reference_distance: Float, placed: PlacedObject
) -> HandPose:
    """The pose of least cost on STEPS steps of Adam from each start.

    The cost is the mean distance of surface points to their places and the mean difference of their distances to the
    object from the demonstrated ones, contacts counting most, and what the method's energy has against penetration of
    object, table and hand, joint limits and changes of posture.

    Args:
        hand: the end effector.
        demonstration: the hand on the reference object.
        places: (N, 3) [m] where each of its surface points belongs.
        reference_distance: (N,) [m] signed distance of the demonstrated points to the reference object.
        placed: the object that the hand keeps out of, as it truly is.
    """
    shown, off = hand.surface_of(demonstration), np.abs(reference_distance)
    near = [off <= max(reach, float(np.sort(off)[9])) for reach in REACHES_M]
    starts = [demonstration.moved(rigid_fit(shown[some], places[some])) for some in near]
    cost = _Cost(hand, demonstration, places, reference_distance, placed)
    rates = AlignmentSettings(opt_iterations=STEPS, learning_rate=PALM_RATE, joint_learning_rate=JOINT_RATE)
    variables = FreeVariables(starts, hand, rates)
    lowest, found = np.inf, starts[0]
    for step in range(STEPS):
        variables.clear()
        values = variables.decoded()
        costs = cost(*values)
        costs.sum().backward()
        cheapest, best = float(costs.detach().min()), int(costs.argmin())
        if cheapest < lowest:
            lowest = cheapest
            found = HandPose(*(value[best].detach().cpu().numpy().astype(np.float64) for value in values))
        variables.advance(step)
    return found


class _Cost:
    """Cost (B,) of poses; arguments as `fit_hand`."""

    def __init__(
        self, hand: Hand, demonstration: HandPose, places: Float, distance: Float, placed: PlacedObject
    ) -> None:
        def tensor(values: Float) -> Tensor:
            return torch.tensor(values, device=hand.device, dtype=hand.dtype)

        self._hand, self._places, self._levels = hand, tensor(places), tensor(distance)
        self._emphasis = contact_emphasis(self._levels, EMPHASIS_M, floor=0.02)
        self._joints = hand.pose_tensors(demonstration)[2][0]
        vertices = np.asarray(placed.mesh_world.vertices, dtype=np.float64)
        self._solid = tensor(vertices[:: max(1, len(vertices) // SOLID_POINTS)])
        self._distance = DistanceGrid(placed, 0.002, margin_m=0.02)

    def __call__(self, translation: Tensor, rotation: Tensor, joints: Tensor) -> Tensor:
        hand = self._hand
        links = hand.world_from_links(translation, rotation, joints)
        surface = hand.surface(links)
        off = ((surface - self._places).square().sum(dim=-1) + 1e-8).sqrt()
        level = self._distance(surface)
        depth = (-level).clamp(min=0)
        return (
            (off * self._emphasis).mean(dim=1)
            + LEVEL_WEIGHT * ((level - self._levels).abs() * self._emphasis).mean(dim=1)
            + DEPTH_WEIGHT * penetration_term(hand.distance(links, self._solid), surface)
            + DEPTH_WEIGHT * (depth.amax(dim=1) + depth.mean(dim=1))
            + SELF_WEIGHT * hand.self_penetration(links)
            + LIMIT_WEIGHT * joint_limit_term(joints, hand.joint_limits)
            + POSTURE_WEIGHT * posture_term(joints, self._joints, hand.joint_limits)
        )
