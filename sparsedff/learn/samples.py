"""What a training step is made of: points of random looks at random scenes, with what they shall become."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.backbones.learned.middle import centroid
from sparsedff.distill.backbones.learned.probes import UNIT_M, frames, inputs, surroundings_of
from sparsedff.learn.disturb import Disturbance, look_at_scene
from sparsedff.learn.scenes import LearnScene

Float32 = NDArray[np.float32]

ROUGH_SHARE = 0.4
"""Of the looks are about the centroid of what is seen, which the votes start from; the others about the true middle."""
ROUGH_M, NEAR_M = 0.012, 0.005
"""Standard deviation of what is added to either [m]."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Points of a training step.

    Attributes:
        inputs: (N, INPUTS) of the network.
        coordinates: (N, channels) they shall have.
        votes: (N, 2) for the middle they shall give.
    """

    inputs: Float32
    coordinates: Float32
    votes: Float32


def draw(
    scenes: Sequence[LearnScene],
    coordinates: Sequence[Float32],
    how: Disturbance,
    looks: int,
    points: int,
    rng: np.random.Generator,
) -> Samples:
    """Points of some looks.

    Args:
        scenes: to draw from.
        coordinates: (N, channels) of the points of each scene.
        how: what happens to a look.
        looks: number of scenes.
        points: of each look; drawn with replacement where it has fewer.
        rng: of everything.
    """
    given, wanted, votes = [], [], []
    for number in rng.integers(len(scenes), size=looks):
        look = look_at_scene(scenes[number], how, rng)
        own = np.flatnonzero(look.scene_index >= 0)
        chosen = rng.choice(own, points, replace=len(own) < points)
        rough = rng.random() < ROUGH_SHARE
        middle = centroid(look.points) if rough else look.middle_xy
        middle = middle + (ROUGH_M if rough else NEAR_M) * rng.normal(size=2)
        given.append(inputs(look.points, look.normals, chosen, middle, surroundings_of(look.points)))
        wanted.append(coordinates[number][look.scene_index[chosen]])
        axes = frames(look.points[chosen], middle)[:, :2, :2]
        votes.append(np.einsum("nij,nj->ni", axes, look.middle_xy - look.points[chosen, :2]) / UNIT_M)
    return Samples(*(np.concatenate(part).astype(np.float32) for part in (given, wanted, votes)))
