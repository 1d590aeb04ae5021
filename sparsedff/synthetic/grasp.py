"""Find the demonstrated grasp: a Shadow Hand that holds monkey_original by the head, from above.

    python -m sparsedff.synthetic.grasp --output data/sample/ref_pose_monkey.npy

Many hands start over the head, palm down, fingers towards the back of the head and thumb towards the brow. All are
optimised at once; the best one that passes every check of grasp_check.py is written.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from torch import Tensor

from sparsedff.errors import HandError, SparseDFFError
from sparsedff.hands.pose import JOINT_NAMES, HandPose, save_reference_pose
from sparsedff.hands.rotation6d import rotation_from_6d, rotation_to_6d
from sparsedff.hands.shadow import ShadowHand
from sparsedff.synthetic.grasp_check import GraspReport, check_grasp
from sparsedff.synthetic.grasp_energy import DistanceGrid, GraspTerms, grasp_energy
from sparsedff.synthetic.sample import placed_monkey
from sparsedff.synthetic.scene import PlacedObject

# A hand about to grasp: fingers half curled, thumb swung under the palm [rad].
_READY = {"J3": 0.0, "J2": 0.65, "J1": 0.5, "J0": 0.45, "LFJ4": 0.2, "THJ4": 0.1, "THJ3": 1.1, "THJ2": 0.0, "THJ1": 0.0}
_READY_THUMB_TIP = -0.3


@dataclass(frozen=True)
class GraspSearch:
    """Settings of the search.

    Attributes:
        starts, steps, learning_rate: of Adam; the rate falls to a hundredth along a cosine.
        joint_margin: share of each joint's range that stays unused at both ends.
        terms: of the energy.
    """

    starts: int = 48
    steps: int = 400
    learning_rate: float = 0.02
    joint_margin: float = 0.02
    terms: GraspTerms = field(default_factory=GraspTerms)


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
        energy = grasp_energy(hand, grid, translation, rotation_from_6d(columns), joints, search.terms)
        energy.sum().backward()
        optimiser.step()
        schedule.step()

    with torch.no_grad():
        rotations, joints = rotation_from_6d(columns), low + (high - low) * torch.sigmoid(raw)
        energy = grasp_energy(hand, grid, translation, rotations, joints, search.terms)
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
