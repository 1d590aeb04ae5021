"""`handcrafted`: the embedded backbone. Needs no weights and no download.

What it is: DAISY appearance at three scales, height over the table, colour and a shape context, each group reduced by a
PCA fitted on the reference scene and scaled alike. It carries a grasp to the same object and to close relatives of it
whose views cover the same sides. What it is not: semantic. DINOv2 is the method's own backbone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.backbones.base import ObjectView
from sparsedff.distill.backbones.handcrafted.daisy import daisy_maps
from sparsedff.distill.backbones.handcrafted.groups import Group, Raw, fit_group, pack, unpack
from sparsedff.distill.backbones.handcrafted.shape_context import shape_context
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.settings import FeatureSettings


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

    def fit(self, reference: FeatureCloud) -> HandcraftedReduction:
        """Fit PCA and scale of every group on the reference; the result maps raw clouds to the field's features."""
        return HandcraftedReduction(self, tuple(fit_group(raw, self.components) for raw, _ in self.groups(reference)))

    def groups(self, cloud: FeatureCloud) -> list[tuple[Raw, float]]:
        """Raw values (N, D) of each group of a scene's whole cloud, and the group's weight."""
        daisy = np.split(cloud.features, len(self.radii_m), axis=1)
        return [
            *((part, self.daisy_weight) for part in daisy),
            (cloud.points[:, 2:], self.height_weight),
            (_color(cloud, self.color_radius_m), self.color_weight),
            (shape_context(cloud.points), self.shape_weight),
        ]


def make_handcrafted(name: str, settings: FeatureSettings, device: torch.device) -> HandcraftedBackbone:
    """The backbone; it needs neither settings of foundation models nor a device."""
    return HandcraftedBackbone()


def _color(cloud: FeatureCloud, radius_m: float) -> NDArray[np.float64]:
    """Lab colour (N, 3) averaged over neighbours, relative to the scene's own mean and spread: exposures differ."""
    lab = cv2.cvtColor(np.array(cloud.colors)[None], cv2.COLOR_RGB2LAB)[0].astype(np.float64)
    neighbours = cKDTree(cloud.points).query_ball_point(cloud.points, radius_m)
    smooth = np.stack([lab[index].mean(axis=0) for index in neighbours])
    return np.asarray((smooth - smooth.mean(axis=0)) / max(float(smooth.std()), 1e-6))


@dataclass(frozen=True, eq=False)
class HandcraftedReduction:
    """What a reference scene taught the backbone: how raw clouds become the field's features.

    Attributes:
        backbone: whose groups they are.
        fitted: one a group.
    """

    backbone: HandcraftedBackbone
    fitted: tuple[Group, ...]

    def __call__(self, cloud: FeatureCloud) -> FeatureCloud:
        """The same points with reduced features (N, channels)."""
        parts = []
        for (raw, weight), group in zip(self.backbone.groups(cloud), self.fitted, strict=True):
            reduced = group(raw)
            # L1 sums over channels: a group of one channel must weigh as much as one of sixteen.
            parts.append(reduced * (weight * self.backbone.components / reduced.shape[1]))
        return cloud.with_features(np.concatenate(parts, axis=1))

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """For files; `reduction_of` reads them."""
        return pack(self.fitted)


def reduction_of(backbone: HandcraftedBackbone, arrays: Mapping[str, NDArray]) -> HandcraftedReduction:
    """The reduction that was stored.

    Raises:
        DistillError: arrays are missing or do not fit together.
    """
    return HandcraftedReduction(backbone, unpack(arrays))
