"""A path to a grasp that no one has given: open the hand, back off, come in where the object is least in the way."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray

from sparsedff.geometry import apply
from sparsedff.hands.pose import HandPose
from sparsedff.hands.shadow import ShadowHand
from sparsedff.physics.control import opened, reachable
from sparsedff.physics.model import World
from sparsedff.physics.settings import LiftSettings

Float = NDArray[np.float64]

_OPENINGS = (1.0, 0.5, 1.5, 2.0)  # multiples of the wanted opening, the preferred first
_SAMPLES = 800  # object points that the hand must keep clear of
_STATIONS = 6  # places along each of the two legs of the path at which that is looked at


def approach_path(
    world: World, pose: HandPose, mesh: trimesh.Trimesh, world_from_object: Float, settings: LiftSettings
) -> tuple[HandPose, ...]:
    """Three waypoints: backed off with the hand open, at the grasp with the hand open, the grasp.

    Directions to back off in: out of the palm's back, up, and halfway; amounts of opening: about `opening_m`. Of all
    pairs the one whose path reaches least into the object and the table is taken, the first of equals.

    Args:
        world: the model, for the fingers' leverage.
        pose: the grasp.
        mesh, world_from_object: the object, where it is expected.
        settings: `opening_m`, `back_off_m`.
    """
    grasp = reachable(pose)
    back, up = grasp.rotation[:, 1], np.array([0.0, 0.0, 1.0])  # the palm faces -y
    directions = [back, _unit(back + 0.5 * up), _unit(0.3 * back + up), _unit(back - 0.7 * grasp.rotation[:, 2])]
    points = apply(world_from_object, trimesh.sample.sample_surface(mesh, _SAMPLES, seed=0)[0])
    paths: list[tuple[HandPose, ...]] = []
    for opening in _OPENINGS:
        wide = opened(world, grasp, opening * settings.opening_m)
        for direction in directions:
            off = HandPose(wide.translation + settings.back_off_m * direction, wide.rotation, wide.joints)
            paths.append((off, wide, grasp))
    costs = _intrusion(paths, points)
    return paths[int(np.argmin(np.round(costs, 4)))]


def _intrusion(paths: list[tuple[HandPose, ...]], points: Float) -> Float:
    """How far (P,) [m] the hand reaches into the object and below the table, averaged over stations on each path."""
    hand = _hand()
    translations, rotations, joints = [], [], []
    for off, wide, grasp in paths:
        for share in np.linspace(0.0, 1.0, _STATIONS, endpoint=False):
            translations += [off.translation + share * (wide.translation - off.translation), grasp.translation]
            rotations += [grasp.rotation, grasp.rotation]
            joints += [wide.joints, wide.joints + share * (grasp.joints - wide.joints)]
    tensors = [torch.tensor(np.stack(values), dtype=hand.dtype) for values in (translations, rotations, joints)]
    with torch.no_grad():
        links = hand.world_from_links(*tensors)
        into = (-hand.distance(links, torch.tensor(points, dtype=hand.dtype)).amin(dim=1)).clamp(min=0)
        below = (-hand.surface(links)[..., 2].amin(dim=1)).clamp(min=0)
    return (into + below).reshape(len(paths), -1).mean(dim=1).numpy().astype(np.float64)


@lru_cache(maxsize=1)
def _hand() -> ShadowHand:
    return ShadowHand(surface_points=100)


def _unit(vector: Float) -> Float:
    return vector / np.linalg.norm(vector)
