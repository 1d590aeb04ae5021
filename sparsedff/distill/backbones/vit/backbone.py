"""A vision transformer as a `Backbone`: crops in, feature maps on each view's grid out (docs/method.md, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from sparsedff.distill.backbones.base import ObjectView
from sparsedff.distill.backbones.vit.images import as_rgb, patch_size_of, prepare
from sparsedff.distill.backbones.vit.load import Vit, find_vit, load_vit
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.settings import FeatureSettings
from sparsedff.distill.spread import TYPICAL_L1, typical_l1
from sparsedff.distill.weights.precision import autocast
from sparsedff.distill.weights.weights import Weights

AUTHORS_PIXELS_PER_METRE = 1860.0
"""Image scale of the authors' rig on its objects, to which crops of coarser cameras are enlarged."""

MAX_TOKENS = 16_384
"""Patches in one batch: bounds memory; a single larger crop is a batch of its own."""


@dataclass(frozen=True)
class VitBackbone:
    """DINOv2 and its like.

    Attributes:
        name: as in the config.
        weights: what is loaded, on first use.
        device: where it computes.
        preprocessing: `paper` or `imagenet`, see `prepare`.
        precision: `auto`, `float32` or `bfloat16`, see `autocast`.
        enlarge: bring crops of cameras coarser than the authors' to the authors' image scale, so that a patch covers
            the same piece of the object; False feeds them as they are, as published.
    """

    name: str
    weights: Weights
    device: torch.device
    preprocessing: str = "paper"
    precision: str = "auto"
    enlarge: bool = True

    def identity(self) -> dict[str, object]:
        """Everything that decides what `extract` returns, for caches and reports."""
        return {
            "name": self.name,
            "weights_sha256": self.weights.sha256(),
            "preprocessing": self.preprocessing,
            "precision": self.precision,
            "device": self.device.type,
            "enlarge": self.enlarge,
        }

    def extract(self, views: Sequence[ObjectView]) -> list[NDArray[np.float32]]:
        """Raw feature maps (rows, columns, C), one a view, on each view's grid."""
        vit = load_vit(self.weights, self.device)
        maps = patch_features(vit, [self._input(view, vit.patch) for view in views], self.precision)
        return [resampled(m, view.grid).numpy() for m, view in zip(maps, views, strict=True)]

    def fit(self, reference: FeatureCloud) -> Callable[[FeatureCloud], FeatureCloud]:
        """One factor for all channels of both clouds: directions in feature space stay as the network made them."""
        typical = typical_l1(reference.features)
        factor = TYPICAL_L1 / typical if typical > 0 else 1.0
        return lambda cloud: cloud.with_features(cloud.features * factor)

    def _input(self, view: ObjectView, patch: int) -> Tensor:
        left, top, right, bottom = view.box
        crop = as_rgb(view.color_rgb[top:bottom, left:right])
        factor = max(1.0, AUTHORS_PIXELS_PER_METRE / view.pixels_per_metre) if self.enlarge else 1.0
        return prepare(crop, patch_size_of(bottom - top, right - left, patch, factor), self.preprocessing)


def make_vit(name: str, settings: FeatureSettings, device: torch.device) -> VitBackbone:
    """The backbone of an official DINOv2 name, a folder in the hub's layout, or hub:OWNER/NAME.

    Raises:
        WeightsError: its weights are not there.
    """
    weights = find_vit(name, Path(settings.weights_path))
    return VitBackbone(name, weights, device, settings.preprocessing, settings.precision, settings.enlarge)


def patch_features(vit: Vit, images: Sequence[Tensor], precision: str) -> list[Tensor]:
    """Patch tokens (rows, columns, C) float32 on the CPU, a map an image (3, H, W); equal sizes share a batch."""
    results: dict[int, Tensor] = {}
    sizes = sorted({tuple(image.shape) for image in images})
    with torch.inference_mode(), autocast(vit.device, precision):
        for size in sizes:
            alike = [index for index, image in enumerate(images) if tuple(image.shape) == size]
            at_once = max(1, MAX_TOKENS // (size[1] * size[2] // vit.patch**2))
            for start in range(0, len(alike), at_once):
                batch = alike[start : start + at_once]
                tokens = vit.tokens(torch.stack([images[index] for index in batch]).to(vit.device))
                results.update(zip(batch, tokens.float().cpu(), strict=True))
    return [results[index] for index in range(len(images))]


def resampled(features: Tensor, grid: tuple[int, int]) -> Tensor:
    """A map (rows, columns, C) brought to another grid, bilinearly between cell centres, as published."""
    if tuple(features.shape[:2]) == grid:
        return features
    return interpolate(features.permute(2, 0, 1)[None], size=grid, mode="bilinear", align_corners=False)[0].permute(
        1, 2, 0
    )
