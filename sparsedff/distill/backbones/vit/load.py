"""The vision transformer that a backbone's name means."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sparsedff.distill.backbones.vit.official import ARCHITECTURES, Architecture, build_official
from sparsedff.distill.weights import hub
from sparsedff.distill.weights.files import DINOV2_FILES, read_state
from sparsedff.distill.weights.weights import Weights, find_model, once_a_process
from sparsedff.errors import WeightsError


def find_vit(name: str, folder: Path) -> Weights[Architecture]:
    """The weights that `backbone` means, see `find_model`."""
    return find_model(name, folder, "backbone", ARCHITECTURES, DINOV2_FILES)


@dataclass(frozen=True, eq=False)
class Vit:
    """A vision transformer on a device.

    Attributes:
        model: of transformers; its last_hidden_state is (B, special + patches, C), patches row by row at the end.
        patch: side of a patch [px].
    """

    model: torch.nn.Module
    patch: int

    @property
    def device(self) -> torch.device:
        """The device on which it computes."""
        return next(self.model.parameters()).device

    def tokens(self, images: Tensor) -> Tensor:
        """Patch tokens after the final norm (B, rows, columns, C) of images (B, 3, H, W), H and W multiples of patch.

        Raises:
            WeightsError: the model does not answer with one token per patch, so it is no plain vision transformer.
        """
        rows, columns = images.shape[2] // self.patch, images.shape[3] // self.patch
        # Models with learned positions of fixed size resample them only when told to.
        known = inspect.signature(self.model.forward).parameters
        extra = {"interpolate_pos_encoding": True} if "interpolate_pos_encoding" in known else {}
        output: Any = self.model(images, **extra).last_hidden_state
        if output.ndim != 3 or output.shape[1] < rows * columns:
            raise WeightsError(
                f"{type(self.model).__name__}: gives {tuple(output.shape)} for {rows} x {columns} patches; only plain "
                "vision transformers can be backbones"
            )
        return output[:, output.shape[1] - rows * columns :].reshape(len(images), rows, columns, -1)


@once_a_process(most=2)
def load_vit(weights: Weights[Architecture], device: torch.device) -> Vit:
    """The model of these weights on a device; a second call in the same process returns the same one.

    Raises:
        WeightsError: damaged, or of another architecture.
    """
    if weights.architecture is not None:
        state = read_state(weights.path, weights.size)
        model: Any = build_official(state, weights.architecture, weights.path)
    else:
        model = hub.load_folder(weights.path)
        model = getattr(model, "vision_model", model)  # of image-text pairs only the image side is wanted
        _use_official_positions(model)
    patch = getattr(model.config, "patch_size", None)
    patch = patch[0] if isinstance(patch, (tuple, list)) else patch
    if not isinstance(patch, int):
        raise WeightsError(
            f"{weights.path}: {type(model).__name__} has no patches; only vision transformers can be used"
        )
    return Vit(model.to(device), patch)


def _use_official_positions(model: Any) -> None:
    """Give a plain DINOv2 from the hub, which has the official weights, the official resampling of positions."""
    from transformers import Dinov2Model

    from sparsedff.distill.backbones.vit.positions import OfficialEmbeddings

    if isinstance(model, Dinov2Model):
        embeddings = OfficialEmbeddings(model.config)
        embeddings.load_state_dict(model.embeddings.state_dict(), assign=True)
        model.embeddings = embeddings.requires_grad_(False).eval()
