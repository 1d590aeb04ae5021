"""TrainingScene: the points of all views of one capture, their features, and the pairs that lie on the same spot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.errors import DistillError
from sparsedff.refine.pairs import cross_view_pairs


@dataclass(frozen=True, eq=False)
class TrainingScene:
    """One capture, distilled without pruning.

    Attributes:
        name: of the capture.
        cloud: N points with the features that enter the network.
        pairs: (P, 2) indices into the cloud, points of two views on the same spot; see `cross_view_pairs`.

    Raises:
        DistillError: pairs have another shape, are out of range, or lie within one view.
    """

    name: str
    cloud: FeatureCloud
    pairs: NDArray[np.int64]

    def __post_init__(self) -> None:
        pairs, count = self.pairs, len(self.cloud)
        if pairs.ndim != 2 or pairs.shape[1] != 2 or (pairs.size and not 0 <= pairs.min() <= pairs.max() < count):
            raise DistillError(f"training data {self.name}: pairs {pairs.shape} do not index its {count} points")
        views = self.cloud.view_index[pairs]
        if (views[:, 0] == views[:, 1]).any():
            raise DistillError(f"training data {self.name}: a pair lies within one view")


def make_scene(name: str, cloud: FeatureCloud, radius_m: float) -> TrainingScene:
    """A training scene of a cloud, with its pairs.

    Args:
        name: of the capture.
        cloud: N points with the features that enter the network.
        radius_m: points of two views closer than this are a pair [m].

    Raises:
        DistillError: no two views see the same spot, so there is nothing to learn from.
    """
    pairs = cross_view_pairs(cloud.points, cloud.view_index, radius_m)
    if len(pairs) == 0:
        views = len(np.unique(cloud.view_index))
        raise DistillError(
            f"capture {name}: none of its {views} views with the object overlap within {100 * radius_m:g} cm; more "
            "views, a better calibration or a larger refinement.pair_radius_m would bring pairs"
        )
    return TrainingScene(name, cloud, pairs)
