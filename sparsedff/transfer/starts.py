"""Where the optimisation begins: around the object or above it, turned about the vertical (docs/method.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.geometry import apply, inverse
from sparsedff.hands.pose import HandPose
from sparsedff.transfer.align import align_by_features
from sparsedff.transfer.settings import AlignmentSettings


@dataclass(frozen=True, eq=False)
class Starts:
    """Where the optimisation begins.

    Attributes:
        poses: hands in the test scene.
        aligned: indices of those that rigid alignments of the two clouds put there.
    """

    poses: tuple[HandPose, ...]
    aligned: tuple[int, ...] = ()


FEWEST = 40
"""Points of the part that is held, however far the hand is from it: fewer hardly tell a rotation."""

PALM_DOWN = np.stack([(0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0)], axis=1)
"""world_from_palm of the published start: palm facing the table, fingers along -x of the world."""


def make_starts(
    clouds: tuple[FeatureCloud, FeatureCloud],
    demonstration: HandPose,
    shown: NDArray[np.floating],
    settings: AlignmentSettings,
    seed: int,
) -> Starts:
    """Where the optimisation begins, as the settings say.

    Args:
        clouds: of the reference and of the test scene, with the field's features.
        demonstration: the hand in the reference scene.
        shown: (N, 3) [m] its surface points.
        settings: how many starts, and in which orientations.
        seed: of their places.
    """
    reference, test = clouds
    rng = np.random.default_rng(seed)
    count, yaws = settings.starts, settings.yaws
    if settings.start_orientations == "demonstration":
        back_off = settings.start_back_off_m
        standing = apply(test.upright_from_world, test.points)
        starts = starts_around(reference.points, standing, demonstration, count, yaws, back_off, rng)
        starts = [start.moved(inverse(test.upright_from_world)) for start in starts]
    else:
        yaws = 1 if settings.start_orientations == "paper" else yaws
        starts = starts_above(test.points, demonstration, count, yaws, settings.start_height_m, rng)
    if not settings.aligned_start:
        return Starts(tuple(starts))
    held = [part_near(reference, shown, reach) for reach in settings.aligned_reaches_m]
    for part in (*held, reference):
        starts.append(demonstration.moved(align_by_features(part, test, np.random.default_rng(seed))))
    return Starts(tuple(starts), tuple(range(len(starts) - len(held) - 1, len(starts))))


def part_near(cloud: FeatureCloud, shown: NDArray[np.floating], reach_m: float) -> FeatureCloud:
    """The points of a cloud within a reach [m] of a hand's surface points (N, 3) [m]; at least the nearest few.

    Relatives differ in how their parts stand to each other, and things of different kinds share a part at most: what
    fits the part that is held fits the grasp.
    """
    distance, _ = cKDTree(np.asarray(shown, dtype=np.float64)).query(cloud.points)
    return cloud.select(distance <= max(reach_m, float(np.sort(distance)[:FEWEST].max())))


def starts_above(
    object_points: NDArray[np.floating],
    demonstration: HandPose,
    count: int,
    yaws: int,
    height_m: tuple[float, float],
    rng: np.random.Generator,
    orientation: NDArray[np.float64] = PALM_DOWN,
    xy_jitter_m: float = 0.01,
) -> list[HandPose]:
    """Hands above the object, turned evenly about the vertical, with the demonstration's joints.

    Args:
        object_points: (N, 3) [m] of the test object.
        demonstration: gives the joints.
        count: how many starts; yaws are used in turn.
        yaws: how many directions; 1 is the published single direction.
        height_m: lowest and highest start [m] above the object's top.
        rng: of height and jitter.
        orientation: world_from_palm (3, 3) at yaw 0: PALM_DOWN as published, or the demonstration's own, which keeps
            the tilt of grasps from the side.
        xy_jitter_m: standard deviation of the horizontal position.
    """
    top = object_points[:, 2].max()
    centre = _middle(object_points)[:2]
    poses = []
    for index in range(count):
        turn = Rotation.from_euler("z", 2 * np.pi * (index % yaws) / yaws).as_matrix()
        xy = centre + rng.normal(scale=xy_jitter_m, size=2)
        poses.append(HandPose(np.array([*xy, top + rng.uniform(*height_m)]), turn @ orientation, demonstration.joints))
    return poses


def starts_around(
    reference_points: NDArray[np.floating],
    object_points: NDArray[np.floating],
    demonstration: HandPose,
    count: int,
    yaws: int,
    back_off_m: tuple[float, float],
    rng: np.random.Generator,
    xy_jitter_m: float = 0.01,
) -> list[HandPose]:
    """The demonstrated hand carried to the test object, turned evenly about its vertical, and backed off.

    It backs off along the back of the hand: a palm-down grasp starts above the object, one from the side beside it, and
    neither has parts in between whose features would send it away.

    Args:
        reference_points, object_points: (N, 3) [m] of the reference and of the test object.
        demonstration: the hand on the reference object.
        count: how many starts; yaws are used in turn.
        yaws: how many directions.
        back_off_m: least and most distance from the demonstrated place [m].
        rng: of distance and jitter.
        xy_jitter_m: standard deviation of the horizontal position.
    """
    carried = demonstration.translation - _middle(reference_points)
    poses = []
    for index in range(count):
        turn = Rotation.from_euler("z", 2 * np.pi * (index % yaws) / yaws).as_matrix()
        rotation = turn @ demonstration.rotation
        back = rotation[:, 1] * rng.uniform(*back_off_m)
        jitter = np.append(rng.normal(scale=xy_jitter_m, size=2), 0.0)
        poses.append(HandPose(_middle(object_points) + turn @ carried + back + jitter, rotation, demonstration.joints))
    return poses


def _middle(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Middle (3,) [m] of the box around points, on the table: heights are kept."""
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0)).astype(np.float64)
    middle[2] = 0.0
    return middle
