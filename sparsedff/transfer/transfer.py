"""Transfer one demonstration: the reference field under the demonstrated hand becomes the target on the test field."""

from __future__ import annotations

from collections.abc import Callable
from math import radians

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.distill.backbones.handcrafted.shape_context import thinned
from sparsedff.field import FeatureField
from sparsedff.geometry import one_a_cell
from sparsedff.hands.approach import densified, plan_approach, thinned_path
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import ApproachSettings
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.optimise import optimise
from sparsedff.transfer.result import TransferResult
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.starts import Starts
from sparsedff.transfer.terms.approach import tilt
from sparsedff.transfer.terms.base import Goal
from sparsedff.transfer.terms.feature import contact_emphasis
from sparsedff.transfer.terms.gap import contacts_of

PENETRATION_CELL_M = 0.006
PENETRATION_POINTS = 1000
CONTACT_CELL_M = 0.003


def make_energy(
    hand: Hand,
    fields: tuple[FeatureField, FeatureField],
    demonstration: HandPose,
    object_points: NDArray[np.floating],
    settings: AlignmentSettings,
    others: NDArray[np.floating] | None = None,
    upright: NDArray[np.float64] | None = None,
) -> Energy:
    """Energy of hands in the test scene.

    Points of the demonstrated hand within about `focus_distance_m` of the reference cloud count more once the optimiser
    focuses. The approach term frees `approach_free_angle_deg` of roll and pitch, and more where the demonstration tilts
    more (`free_demonstrated_tilt`): a grasp shown from the side is not to be pulled over the top.

    Args:
        hand: the end effector.
        fields: of the reference and of the test scene.
        demonstration: the hand in the reference scene.
        object_points: (N, 3) [m] of the test object, which the hand keeps out of; thinned to an even spread.
        settings: weights, free angle, focus.
        others: (K, 3) [m] of things beside the object, which the hand keeps out of as well.
        upright: (4, 4) motion that sets the test object up as the reference stands; None: it stands so.
    """
    reference, test = fields
    surface = torch.tensor(hand.surface_of(demonstration), device=hand.device, dtype=hand.dtype)
    even = thinned(np.asarray(object_points, dtype=np.float64), PENETRATION_CELL_M)
    even = even[:: max(1, -(-len(even) // PENETRATION_POINTS))]
    solid = torch.tensor(
        even if others is None else np.concatenate([even, others]), device=hand.device, dtype=hand.dtype
    )
    _, rotation, joints = hand.pose_tensors(demonstration)
    shown = tilt(rotation)[0].abs() * float(settings.free_demonstrated_tilt)
    free_angles = shown.clamp(min=radians(settings.approach_free_angle_deg))
    distance = torch.cdist(surface, reference.points).amin(dim=1)
    emphasis = contact_emphasis(distance, settings.focus_distance_m)
    seen = torch.tensor(one_a_cell(np.asarray(object_points, dtype=np.float64), CONTACT_CELL_M)).to(surface)
    contact = contacts_of(distance, seen, settings.focus_distance_m)
    turn = torch.tensor(np.eye(3) if upright is None else upright[:3, :3]).to(surface)
    goal = Goal(hand, test, reference.values(surface), emphasis, joints[0], solid, free_angles, turn, contact)
    return Energy(goal, settings.term_weights)


def transfer(
    energy: Energy,
    demonstration: HandPose,
    starts: Starts,
    settings: AlignmentSettings,
    approach: ApproachSettings,
    seed: int,
    progress: Callable[[int, float], None] = lambda step, lowest: None,
) -> TransferResult:
    """Minimise the energy from the starts, plan an approach to the grasp found and package all of it.

    The published execution trajectory is the optimiser's own path. That goes through objects (6 of 14 lifts held along
    it, 13 along a planned one): it is kept in the history, and unless `approach.trajectory` asks for it, the trajectory
    is planned to keep clear of the object.

    Args:
        energy, starts, settings, progress: see `optimise`.
        demonstration: goes into the result.
        approach: see `plan_approach`.
        seed: of the jitter.

    Raises:
        TransferError: see `optimise`.
    """
    found = optimise(energy, starts, settings, torch.Generator().manual_seed(seed), progress)
    if approach.trajectory == "optimiser":
        trajectory = thinned_path(found.path)
    else:
        points = energy.goal.object_points.cpu().numpy().astype(np.float64)
        trajectory = densified(plan_approach(energy.goal.hand, found.path[-1], points, approach))
    return TransferResult(
        demonstration,
        found.path[-1],
        trajectory,
        found.terms,
        found.energy,
        found.starts,
        found.best_start,
        found.history,
    )
