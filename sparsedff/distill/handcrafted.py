"""`handcrafted`: the embedded backbone. Needs no weights and no download.

What it is: DAISY appearance at three scales, height over the table, colour and a shape context, each group reduced by a
PCA fitted on the reference scene and scaled alike. It carries a grasp to the same object and to close relatives of it
whose views cover the same sides. What it is not: semantic. DINOv2 is the method's own backbone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.backbone import ObjectView
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.daisy import daisy_maps
from sparsedff.distill.shape_context import shape_context

Raw = NDArray[np.floating]

_NO_SPREAD = 1e-6  # of descriptors of size 1 and heights in metres: rounding


@dataclass(frozen=True)
class HandcraftedBackbone:
    """See the module. Defaults were measured on the kitchen captures and synthetic monkeys (README).

    Attributes:
        radii_m: outer DAISY radii on the object [m].
        pixels_per_metre: scale of the resampled crops.
        components: PCA channels kept of each group.
        daisy_weight, height_weight, color_weight, shape_weight: share of each group in the L1 distance (each of the
            DAISY radii is a group of its own).
        color_radius_m: colours are averaged over this neighbourhood [m].
    """

    radii_m: tuple[float, ...] = (0.0125, 0.025, 0.042)
    pixels_per_metre: float = 1200.0
    components: int = 16
    daisy_weight: float = 0.5
    height_weight: float = 1.0
    color_weight: float = 1.0
    shape_weight: float = 2.0
    color_radius_m: float = 0.008

    @property
    def name(self) -> str:
        """As in the config."""
        return "handcrafted"

    def extract(self, views: Sequence[ObjectView]) -> list[NDArray[np.float32]]:
        """DAISY maps (rows, columns, 200 per radius); the other groups need the whole cloud and come with `fit`."""
        return [daisy_maps(view, self.radii_m, self.pixels_per_metre) for view in views]

    def fit(self, reference: FeatureCloud) -> Callable[[FeatureCloud], FeatureCloud]:
        """Fit PCA and scale of every group on the reference; the result maps raw clouds to the field's features."""
        reductions = [(_fit_group(raw, self.components), weight) for raw, weight in self._groups(reference)]

        def reduce(cloud: FeatureCloud) -> FeatureCloud:
            parts = []
            for (raw, _), (group, weight) in zip(self._groups(cloud), reductions, strict=True):
                reduced = group(raw)
                # L1 sums over channels: a group of one channel must weigh as much as one of sixteen.
                parts.append(reduced * (weight * self.components / reduced.shape[1]))
            return cloud.with_features(np.concatenate(parts, axis=1))

        return reduce

    def _groups(self, cloud: FeatureCloud) -> list[tuple[Raw, float]]:
        daisy = np.split(cloud.features, len(self.radii_m), axis=1)
        return [
            *((part, self.daisy_weight) for part in daisy),
            (cloud.points[:, 2:], self.height_weight),
            (_color(cloud, self.color_radius_m), self.color_weight),
            (shape_context(cloud.points), self.shape_weight),
        ]


def _color(cloud: FeatureCloud, radius_m: float) -> NDArray[np.float64]:
    """Lab colour (N, 3) averaged over neighbours, relative to the scene's own mean and spread: exposures differ."""
    lab = cv2.cvtColor(np.array(cloud.colors)[None], cv2.COLOR_RGB2LAB)[0].astype(np.float64)
    neighbours = cKDTree(cloud.points).query_ball_point(cloud.points, radius_m)
    smooth = np.stack([lab[index].mean(axis=0) for index in neighbours])
    return np.asarray((smooth - smooth.mean(axis=0)) / max(float(smooth.std()), 1e-6))


def _fit_group(raw: Raw, components: int, seed: int = 0) -> Callable[[Raw], NDArray[np.float64]]:
    """PCA to at most `components` channels, scaled so that two random reference points differ by 1 in mean L1.

    What does not vary on the reference (the colour of a white object) tells no points apart and becomes zero.
    """
    mean = raw.mean(axis=0)
    directions = np.linalg.svd(raw - mean, full_matrices=False)[2][:components].T
    reduced = (raw - mean) @ directions
    first, second = np.random.default_rng(seed).integers(len(raw), size=(2, 5000))
    spread = float(np.abs(reduced[first] - reduced[second]).mean())
    scale = spread if spread > _NO_SPREAD else np.inf
    return lambda values: np.asarray(((values - mean) @ directions) / scale)
