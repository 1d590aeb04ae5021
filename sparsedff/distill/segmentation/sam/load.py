"""The predictor that `sam.model` means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from sparsedff.distill.segmentation.sam.official import ARCHITECTURES, DECODER_EPS, Architecture, build_official
from sparsedff.distill.segmentation.sam.predictor import Predictor
from sparsedff.distill.weights import hub
from sparsedff.distill.weights.files import SAM_FILES, read_state
from sparsedff.distill.weights.weights import Weights, find_model, once_a_process
from sparsedff.errors import WeightsError
from sparsedff.files.json_file import read_object


def find_sam(name: str, folder: Path) -> Weights[Architecture]:
    """The weights that `sam.model` means, see `find_model`."""
    return find_model(name, folder, "sam.model", ARCHITECTURES, SAM_FILES)


def load_sam(weights: Weights[Architecture], device: torch.device, precision: str = "auto") -> Predictor:
    """The predictor of these weights on a device; a second call in the same process returns the same one.

    Raises:
        WeightsError: damaged, or of another architecture.
    """
    return _load(weights, device, precision)


@once_a_process(most=1)
def _load(weights: Weights[Architecture], device: torch.device, precision: str) -> Predictor:
    if weights.architecture is not None:
        state = read_state(weights.path, weights.size)
        model: Any = build_official(state, weights.architecture, weights.path)
        return Predictor(model.to(device), model.config.vision_config.image_size, precision=precision)
    from transformers import Sam2Model, SamModel

    kind = read_object(weights.path / "config.json", WeightsError, "fetch it anew").get("model_type")
    if kind == "sam":
        model = hub.load_folder(weights.path, SamModel, mask_decoder_config__layer_norm_eps=DECODER_EPS)
        return Predictor(model.to(device), model.config.vision_config.image_size, precision=precision)
    if kind in ("sam2", "sam2_video"):  # the video model's folder holds the image model's weights as well
        model = hub.load_folder(weights.path, Sam2Model)
        side = model.config.prompt_encoder_config.image_size
        return Predictor(model.to(device), side, squeeze=True, precision=precision)
    raise WeightsError(f"{weights.path}: holds a model of type {kind!r}; sam.model takes sam and sam2")
