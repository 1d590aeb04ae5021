"""What is held out is held out as regions, with a margin; the measure on it against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.refine.consistency import view_consistency
from sparsedff.refine.holdout import split_by_blocks
from sparsedff.refine.training_set import combined
from tests.support.refine_toys import ball, scene, training_set


@pytest.mark.parametrize("seed", range(5))
def test_a_split_holds_out_regions(seed: int) -> None:
    points = ball(4, 300).points
    split = split_by_blocks(points, 0.15, 0.03, 0.01, seed)
    parts = np.stack([split.train, split.validation, split.test])
    assert (parts.sum(axis=0) <= 1).all() and parts.any(axis=1).all()
    held_out = split.validation | split.test
    assert 0.2 < held_out.mean() < 0.5
    distance = np.linalg.norm(points[split.train][:, None] - points[held_out][None], axis=-1)
    assert distance.min() > 0.01
    # regions: most points whose nearest neighbours are held out are held out themselves
    gaps = np.linalg.norm(points[:, None] - points[None], axis=-1)
    nearest = np.argsort(gaps, axis=1)[:, 1]
    assert (held_out[nearest] == held_out).mean() > 0.8


def test_nothing_held_out() -> None:
    split = split_by_blocks(ball().points, 0.0, 0.03, 0.01, 0)
    assert split.train.all() and not split.validation.any() and not split.test.any()


def test_no_training_pair_touches_what_is_held_out() -> None:
    data = training_set(scene("a"), scene("b", seed=5))
    touched = np.zeros(len(data.points), dtype=bool)
    touched[data.pairs.reshape(-1).numpy()] = True
    train = np.concatenate([split.train for split in data.splits])
    assert touched.any() and not (touched & ~train).any()
    assert (data.scene_index[data.pairs[:, 0]] == data.scene_index[data.pairs[:, 1]]).all()


def brute_force(points: np.ndarray, views: np.ndarray, features: np.ndarray, asked: np.ndarray, radius: float) -> tuple:
    hits, total, true, pairs = 0, 0, 0.0, 0
    for i in np.flatnonzero(asked):
        for view in set(views.tolist()) - {views[i]}:
            there = np.flatnonzero(views == view)
            near = np.linalg.norm(points[there] - points[i], axis=1) < radius
            if near.any():
                distances = np.abs(features[there] - features[i]).mean(axis=1)
                hits, total = hits + bool(near[distances.argmin()]), total + 1
                true, pairs = true + distances[near].sum(), pairs + near.sum()
    return hits / total, true / pairs, total, pairs


def test_consistency_by_brute_force() -> None:
    cloud = ball(3, 120)
    asked = np.random.default_rng(0).random(len(cloud)) < 0.4
    found = view_consistency(cloud.points, cloud.view_index, cloud.features, asked, 0.015)
    hits, true, total, pairs = brute_force(cloud.points, cloud.view_index, cloud.features, asked, 0.015)
    assert (found.hits, found.points, found.pairs) == (pytest.approx(hits), total, pairs)
    assert 0 < found.hits < 1
    # (b) divides by random pairs: those of the whole cloud are about as far apart
    anyone = np.abs(cloud.features[:, None] - cloud.features[None]).mean()
    assert found.ratio == pytest.approx(true / anyone, rel=0.15)


def test_consistency_of_known_features() -> None:
    cloud, everyone = ball(3, 150), np.ones(450, dtype=bool)
    place = view_consistency(cloud.points, cloud.view_index, cloud.points * 100, everyone)
    assert place.hits > 0.97 and place.ratio < 0.2  # nearest in L1 is not always nearest
    noise = np.random.default_rng(0).normal(size=(450, 4)).astype(np.float32)
    random = view_consistency(cloud.points, cloud.view_index, noise, everyone)
    assert random.hits < 0.1 and random.ratio == pytest.approx(1, abs=0.05)
    scaled = view_consistency(cloud.points, cloud.view_index, 7 * noise + 3, everyone)
    assert (scaled.hits, scaled.ratio) == (random.hits, pytest.approx(random.ratio, rel=1e-4))


def test_nothing_overlaps() -> None:
    cloud = ball(1)
    nothing = view_consistency(cloud.points, cloud.view_index, cloud.features, np.ones(len(cloud), dtype=bool))
    assert (nothing.points, nothing.pairs) == (0, 0) and np.isnan(nothing.hits)
    some = training_set().consistency(None, "test")
    assert combined([nothing, some]) == some and combined([nothing]).points == 0
