"""The method and its baselines, all with one signature: a problem in, a hand pose out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.common.packaged import FOLDER
from sparsedff.config.config import Config, load_config
from sparsedff.distill.backbones.handcrafted.shape_context import thinned
from sparsedff.geometry import rigid_fit
from sparsedff.hands.approach import densified, plan_approach
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.pipeline import transfer_clouds
from sparsedff.prepare.distiller import Distiller, TwoClouds
from sparsedff.synthetic.truth import Truth
from sparsedff.transfer.align import align_by_features
from sparsedff.transfer.nonrigid import align_nonrigid
from sparsedff.transfer.starts import starts_above
from sparsedff.transfer.transfer import PENETRATION_CELL_M

_RELEASE = FOLDER / "configs" / "release.yaml"
_CONTACT_M = 0.01  # hand points this near the seen object are contacts
_FEWEST_CONTACTS = 10  # or as many of the nearest


@dataclass(frozen=True, eq=False)
class Problem:
    """What every method gets.

    Attributes:
        config: settings of the transfer.
        raw: raw feature clouds of the reference and the test scene.
        distiller: that made them.
        demonstration: the hand on the reference object.
        hand: for feasibility.
        seed: of everything random.
        others: (K, 3) [m] what stands beside the test object, as seen.
        truth: for the upper bounds alone (bounds.py).
    """

    config: Config
    raw: TwoClouds
    distiller: Distiller
    demonstration: HandPose
    hand: Hand
    seed: int
    others: NDArray[np.float64]
    truth: Truth


@dataclass(frozen=True, eq=False)
class Answer:
    """What a method found.

    Attributes:
        pose: the grasp.
        energy: at the pose, of methods that minimise it.
        path: the way to the pose, which is its last: planned alike for all methods, on what the cameras saw.
    """

    pose: HandPose
    path: tuple[HandPose, ...]
    energy: float | None = None


def sparse_dff(problem: Problem) -> Answer:
    """The method as configured."""
    return transfer_with(problem, problem.distiller.features(problem.raw))


def without_pruning(problem: Problem) -> Answer:
    """All points of the clouds."""
    return transfer_with(problem, problem.distiller.with_pruning("raw").features(problem.raw))


def raw_features(problem: Problem) -> Answer:
    """The 2D features as extracted: neither refined nor reduced, brought to one scale by a single factor."""
    factored = replace(problem.config, field=replace(problem.config.field, rank=64))
    return transfer_with(replace(problem, config=factored), scaled_alike(problem.raw))


def rigid_alignment(problem: Problem) -> Answer:
    """Clouds aligned by their features (RANSAC and ICP on matches), the hand moved along."""
    reference, test = problem.distiller.features(problem.raw)
    motion = align_by_features(reference, test, np.random.default_rng(problem.seed))
    return answer_of(problem, problem.demonstration.moved(motion))


def nonrigid_alignment(problem: Problem) -> Answer:
    """Clouds aligned by a smooth displacement; the hand follows the rigid motion that its contacts make."""
    reference, test = problem.distiller.features(problem.raw)
    displacement = align_nonrigid(reference, test, np.random.default_rng(problem.seed))
    shown = problem.hand.surface_of(problem.demonstration)
    distance, _ = cKDTree(problem.raw[0].points.astype(np.float64)).query(shown)
    near = shown[distance <= max(_CONTACT_M, float(np.sort(distance)[_FEWEST_CONTACTS]))]
    return answer_of(problem, problem.demonstration.moved(rigid_fit(near, displacement(near))))


def as_published(problem: Problem) -> Answer:
    """The authors' released script (configs/release.yaml) on the same raw clouds."""
    preset = load_config(_RELEASE)
    config = replace(
        problem.config,
        alignment=preset.alignment,
        field=preset.field,
        execution=preset.execution,
        hand_model=preset.hand_model,
    )
    distiller = replace(problem.distiller, pruning=preset.pruning)
    return transfer_with(replace(problem, config=config), distiller.features(problem.raw))


def centroid_shift(problem: Problem) -> Answer:
    """The demonstrated pose moved by the shift between the clouds' centroids."""
    shift = np.eye(4)
    shift[:3, 3] = problem.raw[1].points.mean(axis=0) - problem.raw[0].points.mean(axis=0)
    return answer_of(problem, problem.demonstration.moved(shift))


def random_pose(problem: Problem) -> Answer:
    """Palm down at a random yaw over a random object point, the demonstration's joints, lowered until it touches."""
    rng = np.random.default_rng(problem.seed)
    points = problem.raw[1].points.astype(np.float64)
    yaws = 360
    start = starts_above(points, problem.demonstration, yaws, yaws, (0.2, 0.2), rng)[int(rng.integers(yaws))]
    middle = problem.hand.surface_of(start).mean(axis=0)
    over = points[rng.integers(len(points))]
    aside = start.translation + np.append(over[:2] - middle[:2], 0.0)
    pose = HandPose(aside, start.rotation, start.joints)
    while True:
        lower = HandPose(pose.translation - (0.0, 0.0, 0.005), pose.rotation, pose.joints)
        if not _is_free(problem.hand, lower, points):
            return answer_of(problem, pose)
        pose = lower


METHODS: dict[str, Callable[[Problem], Answer]] = {
    "sparsedff": sparse_dff,
    "without pruning": without_pruning,
    "raw features": raw_features,
    "as published": as_published,
    "rigid alignment": rigid_alignment,
    "non-rigid alignment": nonrigid_alignment,
    "centroid": centroid_shift,
    "random": random_pose,
}
"""By their names in the table."""


def scaled_alike(clouds: TwoClouds) -> TwoClouds:
    """Features divided by one number, so that two random points of the reference differ by 0.2 in each channel."""
    reference, test = clouds
    first, second = np.random.default_rng(0).integers(len(reference), size=(2, 5000))
    scale = np.abs(reference.features[first] - reference.features[second]).mean() * 5
    scaled = tuple(cloud.with_features(cloud.features / max(scale, 1e-9)) for cloud in (reference, test))
    return scaled[0], scaled[1]


def transfer_with(problem: Problem, clouds: TwoClouds) -> Answer:
    """The method's field and optimiser on clouds with the field's features."""
    _, result = transfer_clouds(problem.config, clouds, problem.raw[1].points, problem.demonstration, problem.others)
    return Answer(result.pose, result.trajectory, result.energy)


def answer_of(problem: Problem, pose: HandPose) -> Answer:
    """A pose found without the optimiser, and the path to it."""
    seen = np.concatenate([thinned(problem.raw[1].points.astype(np.float64), PENETRATION_CELL_M), problem.others])
    return Answer(pose, densified(plan_approach(problem.hand, pose, seen, problem.config.execution)))


def _is_free(hand: Hand, pose: HandPose, points: NDArray[np.float64]) -> bool:
    """Whether the hand touches neither the object's points nor the table."""
    with torch.no_grad():
        links = hand.world_from_links(*hand.pose_tensors(pose))
        distance = hand.distance(links, torch.tensor(points, dtype=hand.dtype, device=hand.device))
        return bool(distance.min() > 0) and bool(hand.surface(links)[..., 2].min() > 0)
