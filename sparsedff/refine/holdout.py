"""What training does not see: whole regions of the object, not single pairs.

Neighbouring points have nearly equal features, so a pair held out amid training pairs tests nothing. Space is cut into
blocks; some are held out with all their points, and so is a margin of training points around them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Split:
    """Which points of a cloud are for what; a point that is for nothing lies in the margin.

    Attributes:
        train: (N,) bool, free for training.
        validation: (N,) bool, decides when training stops.
        test: (N,) bool, never looked at until the end.
    """

    train: Mask
    validation: Mask
    test: Mask


def split_by_blocks(points: NDArray[np.floating], share: float, edge_m: float, margin_m: float, seed: int) -> Split:
    """Cut the cloud into cubes and hold some out: about `share` of the points for validation and as many for test.

    Args:
        points: (N, 3) [m].
        share: 0 to 0.4; 0 holds nothing out.
        edge_m: of a cube.
        margin_m: training points no farther than this from a held-out point belong to nobody.
        seed: decides which cubes, and where their grid lies.
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
