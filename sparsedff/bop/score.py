"""Estimates against the truth of a data set: errors of each target, and what is correct."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sparsedff.bop.dataset import Dataset, Target
from sparsedff.bop.frame import Frame, Instance
from sparsedff.bop.images import read_depth
from sparsedff.bop.metrics.points import add, add_s, mspd, mssd
from sparsedff.bop.metrics.silhouette import Silhouette, distance_image
from sparsedff.bop.metrics.vsd import vsd
from sparsedff.bop.recall import SHARES, USUAL_WIDTH_PX, Correct, Errors, correct
from sparsedff.bop.results import Estimate
from sparsedff.bop.scene_files import TRUTH, read_scene
from sparsedff.bop.symmetries import symmetry_transforms
from sparsedff.errors import BopError
from sparsedff.geometry import Float

_MODELS_KEPT = 16


class Model(NamedTuple):
    """What the errors of an object are computed with: (N, 3) points [m], (S, 4, 4), and the diameter [m]."""

    points: Float
    symmetries: NDArray[np.float64]
    diameter_m: float
    is_symmetric: bool
    silhouette: Silhouette


def score(
    dataset: Dataset,
    split: str,
    estimates: Sequence[Estimate],
    after_target: Callable[[], object] = lambda: None,
    targets: Sequence[Target] | None = None,
) -> dict[int, list[Correct]]:
    """What is correct, by object, one entry per target.

    Of each target the best-scored estimates count, as many as instances are asked for, against the instances that are
    seen most.

    Args:
        dataset, split: whose truth.
        estimates: in any order; of equal scores the first counts as the best.
        after_target: called when a target is done, for progress bars.
        targets: None takes the split's.

    Raises:
        BopError: a file is missing or damaged, or the truth of a target is not there.
    """
    asked = dataset.targets(split) if targets is None else targets
    by_place: dict[tuple[int, int, int], list[Estimate]] = defaultdict(list)
    for one in estimates:
        by_place[one.scene_id, one.im_id, one.obj_id].append(one)
    frames = lru_cache(maxsize=1)(lambda scene_id: read_scene(dataset.scene(split, scene_id)))
    models = lru_cache(maxsize=_MODELS_KEPT)(lambda obj_id: model_of(dataset, obj_id))
    sensed = lru_cache(maxsize=1)(_sensed)
    found: dict[int, list[Correct]] = defaultdict(list)
    for target in sorted(asked, key=lambda one: (one.scene_id, one.im_id)):
        scene = dataset.scene(split, target.scene_id)
        frame = frames(target.scene_id).get(target.im_id)
        if frame is None:
            raise BopError(f"{scene}: has no image {target.im_id}, which is a target; unpack the whole data set")
        truths = _truths(frame, target, scene)
        every = by_place[target.scene_id, target.im_id, target.obj_id]
        best = sorted(every, key=lambda one: -one.score)[: target.count]
        poses = [one.camera_from_model for one in best]
        errors = errors_of(
            poses, [one.camera_from_model for one in truths], models(target.obj_id), frame, sensed(scene, frame)
        )
        found[target.obj_id].append(correct(errors, target.count))
        after_target()
    return dict(sorted(found.items()))


def model_of(dataset: Dataset, obj_id: int) -> Model:
    """An object made ready.

    Raises:
        BopError: there is no such object, or its file is damaged.
    """
    info, mesh = dataset.info(obj_id), dataset.mesh(obj_id)
    points = np.asarray(mesh.vertices, dtype=np.float64)
    return Model(points, symmetry_transforms(info), info.diameter_m, info.is_symmetric, Silhouette(mesh))


def errors_of(estimates: Sequence[Float], truths: Sequence[Float], model: Model, frame: Frame, sensor: Float) -> Errors:
    """All errors of estimates against true instances.

    Args:
        estimates, truths: (4, 4) camera_from_model each.
        model: of the object.
        frame: the image's camera.
        sensor: (H, W) [m] distances that the sensor saw, 0 = no reading.
    """
    shape = (len(estimates), len(truths))
    found = Errors(np.empty((*shape, len(SHARES))), np.empty(shape), np.empty(shape), np.empty(shape))
    lens, size = frame.camera.intrinsics, (sensor.shape[1], sensor.shape[0])
    shown = [model.silhouette.distance(truth, lens, size) for truth in truths] if len(estimates) else []
    near = add_s if model.is_symmetric else add
    for e, estimate in enumerate(estimates):
        drawn = model.silhouette.distance(estimate, lens, size)
        for g, truth in enumerate(truths):
            found.vsd[e, g] = vsd(drawn, shown[g], sensor, SHARES * model.diameter_m)
            found.mssd[e, g] = mssd(estimate, truth, model.points, model.symmetries) / model.diameter_m
            pixels = mspd(estimate, truth, model.points, model.symmetries, lens)
            found.mspd[e, g] = pixels * USUAL_WIDTH_PX / size[0]
            found.add[e, g] = near(estimate, truth, model.points) / model.diameter_m
    return found


def _sensed(scene: Path, frame: Frame) -> Float:
    depth = read_depth(scene, frame.im_id, frame.camera.depth_unit_m)
    return distance_image(depth, frame.camera.intrinsics)


def _truths(frame: Frame, target: Target, scene: Path) -> list[Instance]:
    """The true instances that are seen most, as many as are asked for."""
    there = [one for one in frame.instances if one.obj_id == target.obj_id]
    if len(there) < target.count:
        raise BopError(
            f"{scene / TRUTH}: image {target.im_id} has {len(there)} instances of object {target.obj_id}, the targets "
            f"ask for {target.count}; is the truth of this split private?"
        )
    share = {id(one): 1.0 if one.visibility is None else one.visibility.visib_fract for one in there}
    return sorted(there, key=lambda one: -share[id(one)])[: target.count]
