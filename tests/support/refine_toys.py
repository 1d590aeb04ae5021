"""A ball seen by a few views that disagree: small enough to train on within a second."""

from __future__ import annotations

import numpy as np

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.refine.scene import TrainingScene, make_scene
from sparsedff.refine.settings import TrainingSettings
from sparsedff.refine.training_set import TrainingSet, make_training_set

RADIUS_M = 0.01


def ball(
    views: int = 3, per_view: int = 150, channels: int = 12, seed: int = 0, disagreement: float = 0.5
) -> FeatureCloud:
    """Points all over a ball of 5 cm in every view; features follow the place, and half of the channels the view."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(views * per_view, 3))
    points *= 0.05 / np.linalg.norm(points, axis=1, keepdims=True)
    view_index = np.repeat(np.arange(views), per_view)
    place = np.sin(points @ np.random.default_rng(1).normal(size=(3, channels)) * 25)
    own = np.random.default_rng(2).normal(size=(views, channels)) * disagreement * (np.arange(channels) % 2)
    features = place + own[view_index] + 0.05 * rng.normal(size=place.shape)
    return FeatureCloud(
        points.astype(np.float32),
        np.full((len(points), 3), 128, dtype=np.uint8),
        features.astype(np.float32),
        view_index.astype(np.int64),
    )


def scene(name: str = "ball", **how: float) -> TrainingScene:
    return make_scene(name, ball(**how), RADIUS_M)  # type: ignore[arg-type]


def training_set(*scenes: TrainingScene) -> TrainingSet:
    return make_training_set(scenes or (scene(),), settings(), 0)


def settings(loss: str = "field", steps: int = 12, **changes: float) -> TrainingSettings:
    values: dict[str, object] = dict(pair_radius_m=RADIUS_M, holdout_share=0.15, holdout_block_m=0.03)
    values |= dict(learning_rate=1e-3, temperature=0.15, batch=32, keep_distances=3.0, head=8)
    values |= dict(evaluate_every=5, patience=0, save_every=4) | changes
    return TrainingSettings(loss=loss, steps=steps, **values)  # type: ignore[arg-type]
