"""Which weights `sam.model` means, and the predictor they make, loaded once a process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from sparsedff.distill.segmentation.sam.official import ARCHITECTURES, DECODER_EPS, Architecture, build_official
from sparsedff.distill.segmentation.sam.predictor import Predictor
from sparsedff.distill.weights import hub
from sparsedff.distill.weights.files import SAM_FILES, find_weights, read_state, sha256_of
from sparsedff.errors import WeightsError


@dataclass(frozen=True)
class SamWeights:
    """Where Segment Anything's weights lie; nothing is read before `load_sam`.

    Attributes:
        path: an official .pth file, or a folder in the hub's layout (SAM or SAM 2).
        architecture: of the official file; None for folders.
        size: [bytes] of the official file where it is known, for errors.
    """

    path: Path
    architecture: Architecture | None = None
    size: int | None = None

    def sha256(self) -> str:
        """Fingerprint of everything that decides the model."""
        if self.path.is_dir():
            return sha256_of([self.path / "config.json", *hub.weight_files(self.path)])
        return sha256_of([self.path])


def find_sam(name: str, folder: Path) -> SamWeights:
    """The weights that a name in the config means.

    Args:
        name: vit_b, vit_l, vit_h, a folder in the hub's layout, or hub:OWNER/NAME.
        folder: where official files lie.

    Raises:
        WeightsError: they are not there; says where they were looked for and what brings them.
    """
    if name in ARCHITECTURES:
        official = SAM_FILES[name]
        return SamWeights(find_weights(official, folder, f"sam.model={name}"), ARCHITECTURES[name], official.size)
    path = hub.download_folder(name.removeprefix(hub.PREFIX)) if name.startswith(hub.PREFIX) else Path(name)
    hub.check_folder(path)
    return SamWeights(path)


def load_sam(weights: SamWeights, device: torch.device, precision: str = "auto") -> Predictor:
    """The predictor of these weights on a device; a second call in the same process returns the same one.

    Raises:
        WeightsError: damaged, or of another architecture.
    """
    return _load(weights, str(device), precision, weights.sha256())


@lru_cache(maxsize=1)
def _load(weights: SamWeights, device: str, precision: str, sha256: str) -> Predictor:
    if weights.architecture is not None:
        state = read_state(weights.path, weights.size)
        model: Any = build_official(state, weights.architecture, weights.path)
        return Predictor(model.to(device), model.config.vision_config.image_size, precision=precision)
    from transformers import Sam2Model, SamModel

    kind = json.loads((weights.path / "config.json").read_text()).get("model_type")
    if kind == "sam":
        model = hub.load_folder(weights.path, SamModel, mask_decoder_config__layer_norm_eps=DECODER_EPS)
        return Predictor(model.to(device), model.config.vision_config.image_size, precision=precision)
    if kind in ("sam2", "sam2_video"):  # the video model's folder holds the image model's weights as well
        model = hub.load_folder(weights.path, Sam2Model)
        side = model.config.prompt_encoder_config.image_size
        return Predictor(model.to(device), side, squeeze=True, precision=precision)
    raise WeightsError(f"{weights.path}: holds a model of type {kind!r}; sam.model takes sam and sam2")
