"""A path that a robot can follow to a grasp: come in with the hand open where the object is least in the way, close."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import ApproachSettings

Float = NDArray[np.float64]

_OPENINGS = (1.0, 0.5, 1.5, 2.0, 0.25)  # multiples of the wanted opening, the preferred first
_STATIONS = 6  # places along each of the two legs of the path at which the hand is looked at
_PALM_STEP_M, _JOINT_STEP_RAD = 0.01, 0.1


def plan_approach(
    hand: Hand, pose: HandPose, object_points: Float, settings: ApproachSettings | None = None
) -> tuple[HandPose, ...]:
    """Three waypoints: backed off with the hand open, at the grasp with the hand open, the grasp.

    Directions to back off in: out of the palm's back, up, and between; amounts of opening: about the wanted one. Of all
    pairs the one whose path reaches least into the object's points and the table (z = 0) is taken, the first of equals.

    Args:
        hand: its shape.
        pose: the grasp.
        object_points: (N, 3) [m] on the object, world frame; what a camera saw is enough.
        settings: how far pads draw back, and where the path begins.
    """
    settings = settings or ApproachSettings()
    grasp = hand.reachable(pose)
    back, up = grasp.rotation[:, 1], np.array([0.0, 0.0, 1.0])  # the palm faces -y
    directions = [back, _unit(back + 0.5 * up), _unit(0.3 * back + up), _unit(back - 0.7 * grasp.rotation[:, 2])]
    paths: list[tuple[HandPose, ...]] = []
    for opening in _OPENINGS:
        wide = hand.opened(grasp, opening * settings.opening_m)
        for direction in directions:
            off = HandPose(wide.translation + settings.back_off_m * direction, wide.rotation, wide.joints)
            paths.append((off, wide, pose))
    costs = _intrusion(hand, paths, object_points)
    return paths[int(np.argmin(np.round(costs, 4)))]


def densified(path: tuple[HandPose, ...]) -> tuple[HandPose, ...]:
    """The same path with a pose at least every 1 cm of the palm and every 0.1 rad of a joint.

    Only for paths along which the palm does not turn.
    """
    dense = [path[0]]
    for a, b in pairwise(path):
        palm = float(np.linalg.norm(b.translation - a.translation)) / _PALM_STEP_M
        count = max(int(np.ceil(max(palm, float(np.abs(b.joints - a.joints).max()) / _JOINT_STEP_RAD) - 1e-9)), 1)
        for share in np.arange(1, count) / count:
            translation = a.translation + share * (b.translation - a.translation)
            dense.append(HandPose(translation, b.rotation, a.joints + share * (b.joints - a.joints)))
        dense.append(b)
    return tuple(dense)


def thinned_path(path: tuple[HandPose, ...]) -> tuple[HandPose, ...]:
    """Of the optimiser's path a pose every 1 cm that the palm moves, the first and the last included, as published."""
    kept = [path[0]]
    for pose in path[1:-1]:
        if np.linalg.norm(pose.translation - kept[-1].translation) >= _PALM_STEP_M:
            kept.append(pose)
    return (*kept, path[-1]) if len(path) > 1 else path


def _intrusion(hand: Hand, paths: list[tuple[HandPose, ...]], points: Float) -> Float:
    """How far (P,) [m] the hand reaches into the object and below the table, averaged over stations on each path."""
    translations, rotations, joints = [], [], []
    for off, wide, grasp in paths:
        for share in np.linspace(0.0, 1.0, _STATIONS, endpoint=False):
            translations += [off.translation + share * (wide.translation - off.translation), grasp.translation]
            rotations += [grasp.rotation, grasp.rotation]
            joints += [wide.joints, wide.joints + share * (grasp.joints - wide.joints)]
    with torch.no_grad():
        links = hand.world_from_links(
            *(_tensor(hand, np.stack(values)) for values in (translations, rotations, joints))
        )
        into = (-hand.distance(links, _tensor(hand, points)).amin(dim=1)).clamp(min=0)
        below = (-hand.surface(links)[..., 2].amin(dim=1)).clamp(min=0)
    return (into + below).reshape(len(paths), -1).mean(dim=1).cpu().numpy().astype(np.float64)


def _tensor(hand: Hand, values: Float) -> Tensor:
    return torch.tensor(values, dtype=hand.dtype, device=hand.device)


def _unit(vector: Float) -> Float:
    return vector / np.linalg.norm(vector)
