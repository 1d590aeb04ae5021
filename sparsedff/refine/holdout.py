"""The split of a cloud into training and held-out points, by regions of the object.

Neighbouring points have nearly equal features, so a pair held out amid training pairs would test nothing. Space is cut
into blocks. Some blocks are held out with all their points. Points in a margin around them are not used at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Split:
    """The use of each point of a cloud. A point of no use lies in the margin.

    Attributes:
        train: (N,) bool, used for training.
        validation: (N,) bool, decides when training stops.
        test: (N,) bool, measured only at the end.
    """

    train: Mask
    validation: Mask
    test: Mask


def split_by_blocks(points: NDArray[np.floating], share: float, edge_m: float, margin_m: float, seed: int) -> Split:
    """Cut the cloud into cubes and hold out about `share` of the points for validation and as many for test.

    Args:
        points: (N, 3) [m].
        share: 0 to 0.4; 0 holds nothing out.
        edge_m: edge of a cube [m].
        margin_m: points at most this far from a held-out point are not used for training [m].
        seed: of the choice of cubes and of the position of their grid.
    """
    rng = np.random.default_rng(seed)
    cells = np.floor(np.asarray(points, dtype=np.float64) / edge_m + rng.random(3)).astype(np.int64)
    _, block, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    order = rng.permutation(len(counts))
    before = counts[order].cumsum() - counts[order]  # points in the blocks drawn earlier
    role = np.empty(len(counts), dtype=np.int64)
    role[order] = np.minimum(before // max(1, round(share * len(points))), 2) if share > 0 else 2
    validation, test = (role[block.reshape(-1)] == number for number in (0, 1))
    held_out = validation | test
    train = ~held_out
    if held_out.any() and train.any():
        distance, _ = cKDTree(points[held_out]).query(points)
        train &= distance > margin_m
    return Split(train, validation, test)
