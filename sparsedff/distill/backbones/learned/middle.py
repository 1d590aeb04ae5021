"""Where the middle of an object is, of which only a part is seen and beside which something else may stand.

The centroid of what is seen moves by centimetres when a camera is missing or a patch of clutter comes along. So every
point says where the middle lies from it (an output of the network), and the consensus counts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.backbones.handcrafted.shape_context import VOXEL_M, thinned
from sparsedff.distill.backbones.learned.probes import UNIT_M, frames

Float = NDArray[np.float64]
Vote = Callable[[Float], NDArray[np.floating]]
"""Votes (M, 2) of the voters about a middle (2,) [m], along their outward and sideways [UNIT_M]."""

ROUNDS = 3
VOTERS = 300


def centroid(points: NDArray[np.floating]) -> Float:
    """(2,) [m] of points (N, 3) [m], a surface counting alike however densely it is seen."""
    return np.asarray(thinned(points, VOXEL_M)[:, :2].mean(axis=0))


def agreed_middle(voters: NDArray[np.floating], vote: Vote, start: Float, rounds: int = ROUNDS) -> Float:
    """The middle (2,) [m] on which voters (M, 3) [m] agree: the votes' median, voted anew about it, and so on."""
    middle = np.asarray(start, dtype=np.float64)
    for _ in range(rounds):
        outward_sideways = frames(voters, middle)[:, :2, :2]
        votes = np.einsum("ni,nij->nj", vote(middle) * UNIT_M, outward_sideways) + voters[:, :2]
        middle = np.median(votes, axis=0)
    return middle
