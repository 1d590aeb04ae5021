"""How deep the hand is commanded into the true object and under the table, whatever the physics make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.synthetic.rendering.scene import PlacedObject

Float = NDArray[np.float64]

_MARGIN_M = 0.001  # hand points farther than this from the object's bounding box are not in it


@dataclass(frozen=True)
class Commanded:
    """Depths of the commanded hand, 0 where it lies outside.

    Attributes:
        penetration_m: of its deepest point in the true object [m].
        under_table_m: of its deepest point under z = 0 [m].
    """

    penetration_m: float
    under_table_m: float


def commanded_depths(hand: Hand, path: Sequence[HandPose], placed: PlacedObject, path_end_m: float) -> Commanded:
    """The deepest over the end of a path: the last of the approach, the closing of the fingers, the grasp.

    A lift trial alone does not see it: the solver pushes object and hand apart, and the table stops the palm.

    Args:
        hand: whose visual meshes and collision primitives both count.
        path: as commanded, the grasp last; joints are taken as far as limits and coupling allow.
        placed: the true object; the table is z = 0.
        path_end_m: poses count from the first one after which the palm stays this near to the grasp [m].
    """
    away = np.array([float(np.linalg.norm(pose.translation - path[-1].translation)) for pose in path])
    first = int(np.flatnonzero(away > path_end_m).max(initial=-1)) + 1
    found = [_depths(hand, hand.reachable(pose), placed) for pose in path[first:]]
    return Commanded(max(one.penetration_m for one in found), max(one.under_table_m for one in found))


def _depths(hand: Hand, pose: HandPose, placed: PlacedObject) -> Commanded:
    surface = placed.mesh_world.vertices
    skin, _ = hand.mesh(pose)
    near = skin[np.all((skin > surface.min(axis=0) - _MARGIN_M) & (skin < surface.max(axis=0) + _MARGIN_M), axis=1)]
    with torch.no_grad():
        links = hand.world_from_links(*hand.pose_tensors(pose))
        points = torch.tensor(np.asarray(surface), dtype=hand.dtype, device=hand.device)
        inside_hand = float(hand.distance(links, points).min())
    inside_object = float(placed.distance(near).min(initial=0.0)) if len(near) else 0.0
    return Commanded(max(0.0, -inside_hand, -inside_object), max(0.0, -float(skin[:, 2].min())))
