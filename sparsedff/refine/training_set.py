"""TrainingSet: what a network learns from, all captures of a key as tensors, with what is held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.distill.spread import typical_l1
from sparsedff.errors import DistillError
from sparsedff.refine.consistency import Consistency, view_consistency
from sparsedff.refine.holdout import Split, split_by_blocks
from sparsedff.refine.network import Probe
from sparsedff.refine.refiner import refined_features
from sparsedff.refine.scene import TrainingScene
from sparsedff.refine.settings import TrainingSettings


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Training data, ready to use. It holds N points of all captures together.

    Attributes:
        scenes: the captures.
        splits: one a capture, which points are held out.
        points: (N, 3) [m], each capture in its own frame.
        scene_index: (N,) int64, which capture.
        view_index: (N,) int64, which view of it.
        features: (N, C) that enter the network.
        pairs: (P, 2) int64, the training pairs; none of them contains a held-out point.
        typical: mean L1 per channel of two random points' features, the unit in which losses measure distances.
        radius_m: points of two views closer than this lie on the same spot [m].
    """

    scenes: tuple[TrainingScene, ...]
    splits: tuple[Split, ...]
    points: Tensor
    scene_index: Tensor
    view_index: Tensor
    features: Tensor
    pairs: Tensor
    typical: float
    radius_m: float

    @property
    def views(self) -> int:
        """Number of views: one more than the greatest view index."""
        return int(self.view_index.max()) + 1

    def consistency(self, probe: Probe | None, part: str, most: int | None = None) -> Consistency:
        """View consistency of one part of the split over all captures.

        Args:
            probe: None measures the features as they enter.
            part: train, validation or test.
            most: measure at most this many points of each capture, drawn with a fixed seed.
        """
        measured = []
        for scene, split in zip(self.scenes, self.splits, strict=True):
            cloud, asked = scene.cloud, _thinned(getattr(split, part), most)
            features = cloud.features if probe is None else refined_features(probe, cloud)
            measured.append(view_consistency(cloud.points, cloud.view_index, features, asked, self.radius_m))
        return combined(measured)


def make_training_set(scenes: Sequence[TrainingScene], settings: TrainingSettings, seed: int) -> TrainingSet:
    """Split captures into training and held-out points, and put them together.

    Args:
        scenes: at least one, of equally many channels.
        settings: pair_radius_m, which is also the margin around what is held out; holdout_share and holdout_block_m.
        seed: of the split.

    Raises:
        DistillError: no training pair is left, or what is held out overlaps in no two views.
    """
    share, block_m, radius_m = settings.holdout_share, settings.holdout_block_m, settings.pair_radius_m
    splits = tuple(split_by_blocks(scene.cloud.points, share, block_m, radius_m, seed) for scene in scenes)
    first = np.cumsum([0, *(len(scene.cloud) for scene in scenes)])
    kept = (scene.pairs[split.train[scene.pairs].all(axis=1)] for scene, split in zip(scenes, splits, strict=True))
    pairs = np.concatenate([pairs + start for pairs, start in zip(kept, first[:-1], strict=True)])
    if len(pairs) < 2:
        raise DistillError(
            f"training data: {len(pairs)} pairs are left outside the held-out regions; read another capture, or lower "
            "refinement.holdout_share"
        )
    features = np.concatenate([scene.cloud.features for scene in scenes])
    training_set = TrainingSet(
        tuple(scenes),
        splits,
        _tensor(np.concatenate([scene.cloud.points for scene in scenes])),
        _tensor(np.repeat(np.arange(len(scenes)), [len(scene.cloud) for scene in scenes])),
        _tensor(np.concatenate([scene.cloud.view_index for scene in scenes])),
        _tensor(features),
        _tensor(pairs),
        typical_l1(features) or 1.0,
        radius_m,
    )
    if share > 0 and not training_set.consistency(None, "validation").points:
        raise DistillError(
            "training data: no held-out region is seen by two views; read another capture, or change "
            "refinement.holdout_block_m or seed"
        )
    return training_set


def combined(parts: Sequence[Consistency]) -> Consistency:
    """Means over captures, weighted by their numbers of points and pairs."""
    points, pairs = sum(part.points for part in parts), sum(part.pairs for part in parts)
    if points == 0:
        return Consistency(float("nan"), float("nan"), 0, 0)
    there = [part for part in parts if part.points]
    hits = sum(part.hits * part.points for part in there) / points
    return Consistency(hits, sum(part.ratio * part.pairs for part in there) / pairs, points, pairs)


def _thinned(mask: NDArray[np.bool_], most: int | None) -> NDArray[np.bool_]:
    members = np.flatnonzero(mask)
    if most is None or len(members) <= most:
        return mask
    result = np.zeros_like(mask)
    result[np.random.default_rng(0).choice(members, most, replace=False)] = True
    return result


def _tensor(array: NDArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))
