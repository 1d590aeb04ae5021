"""Transfer one demonstration: the reference field under the demonstrated hand becomes the target on the test field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import radians

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.distill.backbones.handcrafted.shape_context import thinned
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.field import FeatureField, build_field
from sparsedff.hands.approach import densified, plan_approach
from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.transfer.energy import Energy, contact_emphasis, tilt
from sparsedff.transfer.optimise import Schedule, optimise
from sparsedff.transfer.result import TransferResult

PENETRATION_CELL_M = 0.006
PENETRATION_POINTS = 1000


def field_of(cloud: FeatureCloud, hand: ShadowHand, power: float, rank: int | None) -> FeatureField:
    """The cloud as a feature field on the hand's device, in its precision."""
    points = torch.tensor(cloud.points, device=hand.device, dtype=hand.dtype)
    features = torch.tensor(cloud.features, device=hand.device, dtype=hand.dtype)
    return build_field(points, features, power, rank)


def make_energy(
    hand: ShadowHand,
    reference: FeatureField,
    test: FeatureField,
    demonstration: HandPose,
    object_points: NDArray[np.floating],
    weights: Mapping[str, float],
    free_angle_deg: float,
    focus_m: float = float("inf"),
) -> Energy:
    """Energy of hands in the test scene.

    Penetration is asked of object_points (N, 3) [m], thinned to an even spread. Points of the demonstrated hand within
    about `focus_m` of the reference cloud count more once the optimiser focuses; infinite means all alike.

    The approach term frees `free_angle_deg` of roll and pitch, and more where the demonstration itself tilts more: a
    grasp shown from the side is not to be pulled over the top.
    """
    surface = torch.tensor(hand.surface_of(demonstration), device=hand.device, dtype=hand.dtype)
    even = thinned(np.asarray(object_points, dtype=np.float64), PENETRATION_CELL_M)
    even = even[:: max(1, -(-len(even) // PENETRATION_POINTS))]
    solid = torch.tensor(even, device=hand.device, dtype=hand.dtype)
    _, rotation, joints = hand.pose_tensors(demonstration)
    free_angles = tilt(rotation)[0].abs().clamp(min=radians(free_angle_deg))
    distance = torch.cdist(surface, reference.points).amin(dim=1)
    emphasis = contact_emphasis(distance, focus_m)
    return Energy(hand, test, reference.values(surface), emphasis, joints[0], solid, weights, free_angles)


def transfer(
    energy: Energy,
    demonstration: HandPose,
    starts: Sequence[HandPose],
    schedule: Schedule,
    seed: int,
    progress: Callable[[int, float], None] = lambda step, lowest: None,
    opening_m: float = 0.03,
    back_off_m: float = 0.10,
) -> TransferResult:
    """Minimise the energy from the starts, plan a way to the grasp found and package all of it.

    The published execution trajectory is the optimiser's own path. That goes through objects (6 of 14 lifts held along
    it, 13 along a planned one): it is kept in the history, and the trajectory is planned to keep clear of the object.

    Args:
        energy, starts, schedule: see `optimise`.
        demonstration: goes into the result.
        seed: of the jitter.
        progress: told the step and the lowest energy after each step.
        opening_m, back_off_m: see `plan_approach` [m].

    Raises:
        TransferError: see `optimise`.
    """
    found = optimise(energy, starts, schedule, torch.Generator().manual_seed(seed), progress)
    points = energy.object_points.cpu().numpy().astype(np.float64)
    path = densified(plan_approach(energy.hand, found.path[-1], points, opening_m, back_off_m))
    return TransferResult(
        demonstration, found.path[-1], path, found.terms, found.energy, found.starts, found.best_start, found.history
    )
