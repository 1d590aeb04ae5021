"""How well features say which point is which: nearest features between two looks against the truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.learn.disturb import Look
from sparsedff.learn.links import grip, tasks_of
from sparsedff.learn.scenes import LearnScene
from sparsedff.learn.targets import Targets
from sparsedff.learn.template import turns_of
from sparsedff.synthetic.families.cross_family import correspond_across, partners

Float = NDArray[np.float64]
Features = Callable[[Look], NDArray[np.floating]]
"""Features (N, C) of a look's points, compared by L1."""

SEEN_M = 0.01
"""A point counts if its counterpart was seen: one of the other look's points lies this near it on the template [m]."""
FEWEST = 10


def same_family_error(
    features: Features, targets: Targets, first: tuple[LearnScene, Look], second: tuple[LearnScene, Look]
) -> float:
    """Mean distance [m] on the second object from the nearest feature to the true counterpart of the first's points.

    Of shapes that look the same after a turn the nearest of the equal truths counts. NaN where both see too little of
    the same.
    """
    scene, look = first
    own = np.flatnonzero(look.scene_index >= 0)
    wanted = scene.template[look.scene_index[own]].astype(np.float64)
    turns = turns_of(targets.templates[scene.family])
    return _error(features(look)[own], features(second[1]), [wanted @ turn.T for turn in turns], second)


def cross_family_error(
    features: Features, targets: Targets, first: tuple[LearnScene, Look], second: tuple[LearnScene, Look]
) -> float:
    """The same over the points of the first grip that the second family can be held by likewise; NaN where none is."""
    scene, look = first
    ours, theirs = targets.templates[scene.family], targets.templates[second[0].family]
    own = np.flatnonzero(look.scene_index >= 0)
    at = scene.template[look.scene_index[own]].astype(np.float64)
    for task in tasks_of(scene.family):
        for _, other in partners(scene.family, task, (second[0].family,)):
            held = grip(ours, task)[ours.nearest(at)]
            wanted = []
            for before in _fewer(turns_of(ours)):
                mapped = correspond_across(ours.shape, theirs.shape, task, other, at[held] @ before.T)
                wanted += [mapped @ after.T for after in _fewer(turns_of(theirs))]
            return _error(features(look)[own[held]], features(second[1]), wanted, second)
    return float("nan")


def _error(
    ours: NDArray[np.floating], theirs: NDArray[np.floating], wanted: list[Float], second: tuple[LearnScene, Look]
) -> float:
    scene, look = second
    own = np.flatnonzero(look.scene_index >= 0)
    if len(ours) < FEWEST:
        return float("nan")
    tree = cKDTree(scene.template[look.scene_index[own]])
    matched = look.points[cKDTree(theirs).query(ours, p=1)[1]]
    best = np.full(len(ours), np.inf)
    for places in wanted:
        away, index = tree.query(places)
        missed = np.linalg.norm(matched - look.points[own[index]], axis=1)
        best = np.minimum(best, np.where(away < SEEN_M, missed, np.inf))
    seen = np.isfinite(best)
    return float(best[seen].mean()) if seen.sum() >= FEWEST else float("nan")


def _fewer(turns: list[Float]) -> list[Float]:
    """Every second turn of a shape of revolution: two of them would make too many pairs."""
    return turns[::2] if len(turns) > 2 else turns
