"""The learned coordinates of a cloud's points."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.distill.backbones.learned.middle import VOTERS, agreed_middle, centroid
from sparsedff.distill.backbones.learned.network import PointNetwork
from sparsedff.distill.backbones.learned.probes import Surroundings, inputs, surroundings_of

Float32 = NDArray[np.float32]

AT_ONCE = 2048
"""Points in one batch: bounds memory."""


def describe(network: PointNetwork, points: NDArray[np.floating], normals: NDArray[np.floating]) -> Float32:
    """Coordinates (N, channels) of points (N, 3) [m] of one object with normals (N, 3), about the middle they agree on.

    The result does not change when the object moves on the table or turns about the vertical, up to the grid of the
    distance transform.
    """
    around = surroundings_of(points)
    return coordinates_about(network, points, normals, middle_of(network, points, normals, around), around)


def describe_some(
    network: PointNetwork, points: NDArray[np.floating], normals: NDArray[np.floating], count: int
) -> Float32:
    """Coordinates (M, channels) of at most `count` of the points, as `describe` would give them."""
    around = surroundings_of(points)
    index = np.unique(np.linspace(0, len(points) - 1, count).astype(np.int64))
    middle = middle_of(network, points, normals, around)
    return _run(network, inputs(points, normals, index, middle, around))[0]


def middle_of(
    network: PointNetwork, points: NDArray[np.floating], normals: NDArray[np.floating], around: Surroundings
) -> NDArray[np.float64]:
    """The middle (2,) [m] on which some of the points agree."""
    voters = np.unique(np.linspace(0, len(points) - 1, VOTERS).astype(np.int64))

    def vote(middle: NDArray[np.float64]) -> Float32:
        return _run(network, inputs(points, normals, voters, middle, around))[1]

    return agreed_middle(points[voters].astype(np.float64), vote, centroid(points))


def coordinates_about(
    network: PointNetwork,
    points: NDArray[np.floating],
    normals: NDArray[np.floating],
    middle_xy: NDArray[np.floating],
    around: Surroundings,
) -> Float32:
    """Coordinates (N, channels) about a given middle (2,) [m]."""
    every = np.arange(len(points))
    parts = [every[start : start + AT_ONCE] for start in range(0, len(points), AT_ONCE)]
    return np.concatenate([_run(network, inputs(points, normals, part, middle_xy, around))[0] for part in parts])


def _run(network: PointNetwork, given: Float32) -> tuple[Float32, Float32]:
    with torch.inference_mode():
        coordinates, votes = network(torch.from_numpy(given))
    return coordinates.numpy(), votes.numpy()
