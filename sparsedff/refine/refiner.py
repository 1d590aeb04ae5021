"""Refiner: a trained network that turns raw feature clouds into the field's features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.spread import TYPICAL_L1, typical_l1
from sparsedff.errors import ConfigError
from sparsedff.refine.checkpoint import Checkpoint, load_checkpoint
from sparsedff.refine.input_reduction import REDUCED, InputReduction, stored_input_reduction
from sparsedff.refine.network import Probe

_BY_THE_WAY = ("device", "precision")
"""Keys of a backbone's identity that a network need not agree with: they do not change what features mean."""


@dataclass(frozen=True, eq=False)
class Refiner:
    """A trained network and what is applied before it.

    Attributes:
        checkpoint: the network and its note.
        input_reduction: what is applied to raw clouds before the network.
    """

    checkpoint: Checkpoint
    input_reduction: InputReduction

    def fit(self, reference: FeatureCloud) -> Callable[[FeatureCloud], FeatureCloud]:
        """The function that turns raw clouds into the field's features.

        It reduces a cloud as in training, refines it, and scales it to the typical distance for which the energy's
        weights were chosen. The factor is the same for all channels of both scenes.

        Raises:
            ConfigError: the features are not as wide as the network.
        """
        typical = typical_l1(self._refined(reference).features)
        factor = TYPICAL_L1 / typical if typical > 0 else 1.0

        def refine(cloud: FeatureCloud) -> FeatureCloud:
            refined = self._refined(cloud)
            return refined.with_features(refined.features * factor)

        return refine

    def record(self) -> dict[str, Any]:
        """Path, hash and note of the network, for result.json."""
        return {"path": str(self.checkpoint.path), "sha256": self.checkpoint.sha256, "note": self.checkpoint.note}

    def _refined(self, cloud: FeatureCloud) -> FeatureCloud:
        entering = self.input_reduction(cloud)
        width, wanted = entering.features.shape[1], self.checkpoint.probe.shape.width
        if width != wanted:
            raise ConfigError(
                f"model_path: {self.checkpoint.path} refines {wanted} channels, the backbone gives {width}; choose the "
                "backbone it was trained with, or train one with scripts/read.py and scripts/train_linear_probe.py"
            )
        return entering.with_features(refined_features(self.checkpoint.probe, entering))


@torch.no_grad()
def refined_features(probe: Probe, cloud: FeatureCloud) -> NDArray[np.float32]:
    """The network's features (N, C) float32 of a cloud, computed on the network's device."""
    device = next(probe.parameters()).device
    features, views = (torch.from_numpy(array).to(device) for array in (cloud.features, cloud.view_index))
    result: NDArray[np.float32] = probe.features(features, views).cpu().numpy()
    return result


def load_refiner(path: Path, backbone: Backbone, identity: Mapping[str, Any]) -> Refiner:
    """The network of a file, for the features of a backbone.

    Args:
        path: a .pth file, ours or the authors'.
        backbone: whose clouds will be refined.
        identity: what decides the backbone's features.

    Raises:
        WeightsError: the file is missing, damaged or no refinement network.
        ConfigError: it was trained on another backbone's features; says which.
        DistillError: the reduction beside it is damaged.
    """
    checkpoint = load_checkpoint(path)
    trained_on = checkpoint.note.get("backbone", {})
    for what, value in identity.items() if trained_on else ():
        if what not in _BY_THE_WAY and trained_on.get(what) != _as_json(value):
            raise ConfigError(
                f"model_path: {path} was trained on features with {what} = {trained_on.get(what)}, now it is "
                f"{_as_json(value)}; choose the backbone it was trained with, or another network"
            )
    if not checkpoint.note and not checkpoint.reduction and isinstance(backbone, REDUCED):
        raise ConfigError(
            f"model_path: {path} has no note beside it, so it cannot refine the embedded backbone's features; choose "
            "a DINOv2 backbone, or train a network for these features"
        )
    return Refiner(checkpoint, stored_input_reduction(backbone, checkpoint.reduction))


def _as_json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
