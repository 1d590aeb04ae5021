"""Find a grasp for a task by optimisation: many hands start around the region, the best that passes all checks wins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from torch import Tensor

from sparsedff.errors import HandError
from sparsedff.hands.pose import HandPose
from sparsedff.hands.rotation6d import rotation_from_6d, rotation_to_6d
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.synthetic.grasping.check import GraspReport, check_grasp
from sparsedff.synthetic.grasping.distance_grid import DistanceGrid
from sparsedff.synthetic.grasping.energy import GraspTerms, grasp_energy
from sparsedff.synthetic.grasping.goal import GraspGoal
from sparsedff.synthetic.grasping.task import GraspTask
from sparsedff.synthetic.rendering.scene import PlacedObject

Float = NDArray[np.float64]

# A hand about to grasp: fingers half curled, thumb swung under the palm [rad].
_READY = {"J3": 0.0, "J2": 0.65, "J1": 0.45, "J0": 0.5, "LFJ4": 0.2, "THJ4": 0.1, "THJ3": 1.1, "THJ2": 0.0, "THJ1": 0.0}
_READY_THUMB_TIP = -0.3


@dataclass(frozen=True)
class GraspSearch:
    """Settings of the search.

    Attributes:
        starts, steps, learning_rate: of Adam; the rate falls to a hundredth along a cosine.
        joint_margin: share of each joint's range that stays unused at both ends.
        surface_points: of the hand, kept out of the object.
        cell_m: of the distance grid [m].
        terms: of the energy.
    """

    starts: int = 32
    steps: int = 350
    learning_rate: float = 0.02
    joint_margin: float = 0.02
    surface_points: int = 900
    cell_m: float = 0.002
    terms: GraspTerms = field(default_factory=GraspTerms)


def search_grasp(
    placed: PlacedObject, task: GraspTask, search: GraspSearch | None = None, seed: int = 0
) -> tuple[HandPose, GraspReport]:
    """The grasp that carries the object with least effort among those that pass all checks.

    Raises:
        HandError: no start ended in a grasp that passes all checks.
        ConfigError: the object lacks the task's regions.
    """
    found = list(candidates(placed, task, search, seed))
    good = [entry for entry in found if entry[1].holds and np.isfinite(entry[1].effort)]
    if not good:
        best = min(found, key=lambda entry: len(entry[1].faults))
        raise HandError(f"none of {len(found)} starts ended in a grasp of {task.name}; the best was:\n{best[1]}")
    return min(good, key=lambda entry: entry[1].effort)


def candidates(
    placed: PlacedObject, task: GraspTask, search: GraspSearch | None = None, seed: int = 0
) -> Iterator[tuple[HandPose, GraspReport]]:
    """All starts' ends with their reports, lowest energy first."""
    search = search or GraspSearch()
    hand = ShadowHand(HandSettings(pt_nums=search.surface_points))
    goal = GraspGoal(placed, task)
    grid = DistanceGrid(placed, search.cell_m, margin_m=0.12, box=goal.box)
    limits = hand.joint_limits
    margin = search.joint_margin * (limits[:, 1] - limits[:, 0])
    low, high = limits[:, 0] + margin, limits[:, 1] - margin
    translation, columns, raw = _starts(goal, low, high, search.starts, seed)
    variables = [translation.requires_grad_(), columns.requires_grad_(), raw.requires_grad_()]
    rates = (0.1 * search.learning_rate, search.learning_rate, 2.0 * search.learning_rate)
    optimiser = torch.optim.Adam([{"params": [v], "lr": rate} for v, rate in zip(variables, rates, strict=True)])
    decay = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: 0.01 + 0.99 * 0.5 * (1.0 + np.cos(np.pi * step / search.steps))
    )
    for _ in range(search.steps):
        optimiser.zero_grad()
        joints = low + (high - low) * torch.sigmoid(raw)
        energy = grasp_energy(hand, grid, goal, translation, rotation_from_6d(columns), joints, search.terms)
        energy.sum().backward()
        optimiser.step()
        decay.step()

    with torch.no_grad():
        rotations, joints = rotation_from_6d(columns), low + (high - low) * torch.sigmoid(raw)
        energy = grasp_energy(hand, grid, goal, translation, rotations, joints, search.terms)
    for index in torch.argsort(energy).tolist():
        pose = HandPose(translation[index].detach().numpy(), _orthonormal(rotations[index]), joints[index].numpy())
        yield pose, check_grasp(hand, pose, placed, task)


def _starts(goal: GraspGoal, low: Tensor, high: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Translations (B, 3), rotation columns (B, 6) and raw joints (B, 22): palms that face the region's middle."""
    rng = np.random.default_rng(seed)
    ready = np.array([_READY.get(name, _READY.get(name[2:], _READY_THUMB_TIP)) for name in JOINT_NAMES])
    ready[JOINT_NAMES.index("THJ0")] = _READY_THUMB_TIP
    approach = goal.approach_world
    hint = goal.pointing_world
    spread = 0.4 if hint is not None else np.pi
    if hint is None:
        hint = np.eye(3)[np.argmin(np.abs(approach))]
    # The palm's y axis looks back along the approach, z along the fingers.
    z = hint - (hint @ approach) * approach
    z /= np.linalg.norm(z)
    facing = np.stack([np.cross(-approach, z), -approach, z], axis=1)
    yaw = Rotation.from_rotvec(approach[None] * rng.uniform(-spread, spread, (count, 1)))
    wobble = Rotation.from_rotvec(rng.normal(0.0, 0.15, (count, 3)))
    turns = (wobble * yaw).as_matrix() @ facing
    # The knuckles are 9 cm down the hand; the middle of the grip is about 5 cm along and 7 cm under the palm, of a
    # handle that the palm touches 4 cm under it and nearer to the knuckles.
    depth, along = (-0.045, 0.075) if goal.wrap > 0 else (-0.070, 0.055)
    grip = np.array([0.005, depth, along]) + rng.normal(0.0, 0.010, (count, 3))
    translation = goal.center - np.einsum("bij,bj->bi", turns, grip)
    joints = ready + rng.normal(0.0, 0.12, (count, len(ready)))
    share = ((torch.tensor(joints, dtype=torch.float32) - low) / (high - low)).clamp(0.05, 0.95)
    rotations = torch.tensor(turns, dtype=torch.float32)
    return torch.tensor(translation, dtype=torch.float32), rotation_to_6d(rotations), torch.logit(share)


def _orthonormal(rotation: Tensor) -> Float:
    """The nearest exact rotation (3, 3) in double precision."""
    return Rotation.from_matrix(rotation.detach().numpy().astype(np.float64)).as_matrix()
