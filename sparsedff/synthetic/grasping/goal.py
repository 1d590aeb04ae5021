"""A grasp task on one placed object: its regions and directions in the world, ready for the energy."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.synthetic.grasping.task import FINGERTIPS, GraspTask
from sparsedff.synthetic.rendering.scene import PlacedObject
from sparsedff.synthetic.shapes.region import Region

Float = NDArray[np.float64]

SIDE_M = 0.01  # by which a unit of normal counts beside lengths
SAMPLES = 500  # of each region's surface; some 3 mm apart on a region of 50 square centimetres


class GraspGoal:
    """Where and how to grasp, in the world.

    Args:
        placed: the object.
        task: one of its family's.

    Raises:
        ConfigError: the object has no such region.
    """

    def __init__(self, placed: PlacedObject, task: GraspTask) -> None:
        self.task = task
        fingers, thumb = _sampled(placed, task.fingers_on), _sampled(placed, task.thumb_on or task.fingers_on)
        spots = fingers[:, :3], thumb[:, :3]
        turn = placed.world_from_object[:3, :3]
        self.center: Float = 0.5 * (spots[0].mean(axis=0) + spots[1].mean(axis=0))
        self.box: Float = np.stack([np.concatenate(spots).min(axis=0), np.concatenate(spots).max(axis=0)])
        self.approach_world: Float = _unit(turn @ np.asarray(task.approach))
        self.pointing_world = None if task.pointing is None else _unit(turn @ np.asarray(task.pointing))
        self.approach = torch.tensor(self.approach_world, dtype=torch.float32)
        self.free_angle_rad, self.wrap = task.free_angle_rad, task.wrap
        self.used = torch.tensor([float(tip in task.tips) for tip in FINGERTIPS])
        self._fingers = torch.tensor(fingers, dtype=torch.float32)
        self._thumb = torch.tensor(thumb, dtype=torch.float32)

    def distance_to_regions(self, places: Tensor, normals: Tensor) -> Tensor:
        """Distance (B, 5) [m] of the pads to the nearest sampled point of their region.

        Args:
            places: (B, 5, 3) [m] of the pads.
            normals: (B, 5, 3) of the object under them. One that points the other way than the region's counts as two
                centimetres: a pad on the outside of a thin wall is not on its inside.
        """
        both = torch.cat([places, SIDE_M * normals], dim=-1)
        fingers = torch.cdist(both[:, :4], self._fingers.expand(len(both), -1, -1)).amin(dim=2)
        thumb = torch.cdist(both[:, 4:], self._thumb.expand(len(both), -1, -1)).amin(dim=2)
        return torch.cat([fingers, thumb], dim=1)


def _sampled(placed: PlacedObject, region: Region) -> Float:
    """Up to SAMPLES points of a region in the world (M, 6): place [m] and scaled outward normal."""
    points = placed.mesh_world.vertices[region.contains(placed.shape, placed.mesh)]
    chosen = np.asarray(points[np.random.default_rng(0).permutation(len(points))[:SAMPLES]], dtype=np.float64)
    return np.concatenate([chosen, SIDE_M * placed.normals(chosen)], axis=1)


def _unit(vector: Float) -> Float:
    return vector / np.linalg.norm(vector)
