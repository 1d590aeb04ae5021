"""How far features move when less is seen, or more than the object: with the voted middle, and about the centroid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from sparsedff.distill.backbones.learned.describe import coordinates_about, describe, middle_of
from sparsedff.distill.backbones.learned.middle import centroid
from sparsedff.distill.backbones.learned.network import PointNetwork
from sparsedff.distill.backbones.learned.probes import surroundings_of
from sparsedff.learn.disturb import CLEAN, Look, look_at_scene
from sparsedff.learn.measure import Features
from sparsedff.learn.scenes import LearnScene

CASES = {
    "four cameras, other noise": CLEAN,
    "up to two fifths missing": replace(CLEAN, third_chance=1.0),
    "50 points of clutter": replace(CLEAN, clutter_chance=1.0, clutter_points=(50, 51)),
    "one camera": replace(CLEAN, camera_counts=(1.0,)),
    "two cameras side by side": replace(CLEAN, camera_counts=(0.0, 1.0), one_sided=1.0),
}


@dataclass(frozen=True)
class Moved:
    """What a disturbance does, means over scenes.

    Attributes:
        case: name in CASES.
        centroid_m, voted_m: distance on the object from a disturbed point to the undisturbed point of the nearest
            feature [m], with features about the centroid and about the voted middle.
        middle_centroid_m, middle_voted_m: distance of either from the true middle [m].
    """

    case: str
    centroid_m: float
    voted_m: float
    middle_centroid_m: float
    middle_voted_m: float


def about_centroid(network: PointNetwork) -> Features:
    """Learned coordinates in the frame of the centroid of what is seen."""

    def features(look: Look) -> np.ndarray:
        around = surroundings_of(look.points)
        return coordinates_about(network, look.points, look.normals, centroid(look.points), around)

    return features


def about_vote(network: PointNetwork) -> Features:
    """Learned coordinates as the backbone takes them."""
    return lambda look: describe(network, look.points, look.normals)


def moved(network: PointNetwork, scenes: Sequence[LearnScene], seed: int = 0) -> Iterator[Moved]:
    """A row a case."""
    for case, how in CASES.items():
        rows = []
        for number, scene in enumerate(scenes):
            clean = look_at_scene(scene, CLEAN, np.random.default_rng([seed, number, 0]))
            other = look_at_scene(scene, how, np.random.default_rng([seed, number, 1]))
            middles = centroid(other.points), _voted(network, other)
            rows.append(
                (
                    *(distance_moved(way(network), clean, other) for way in (about_centroid, about_vote)),
                    *(float(np.linalg.norm(middle - other.middle_xy)) for middle in middles),
                )
            )
        yield Moved(case, *np.mean(rows, axis=0).tolist())


def _voted(network: PointNetwork, look: Look) -> np.ndarray:
    return middle_of(network, look.points, look.normals, surroundings_of(look.points))


def distance_moved(features: Features, clean: Look, other: Look) -> float:
    """Mean distance [m] on the object from a disturbed look's points to the clean points of the nearest features."""
    own = np.flatnonzero(other.scene_index >= 0)
    nearest = cKDTree(features(clean)).query(features(other)[own], p=1)[1]
    return float(np.linalg.norm(clean.points[nearest] - other.points[own], axis=1).mean())
