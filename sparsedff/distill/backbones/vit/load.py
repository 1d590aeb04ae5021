"""Which weights a backbone's name means, and the model they make, loaded once a process."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sparsedff.distill.backbones.vit.official import ARCHITECTURES, Architecture, build_official
from sparsedff.distill.weights import hub
from sparsedff.distill.weights.files import DINOV2_FILES, find_weights, read_state, sha256_of
from sparsedff.errors import WeightsError


@dataclass(frozen=True)
class Weights:
    """Where a vision transformer's weights lie; nothing is read before `load`.

    Attributes:
        path: an official .pth file, or a folder in the hub's layout.
        architecture: of the official file; None for folders, whose config.json says it.
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


def find_vit(name: str, folder: Path) -> Weights:
    """The weights that a name in the config means.

    Args:
        name: an official name (dinov2_vitb14, dinov2_vitb14_reg, ...), a folder in the hub's layout, or
            hub:OWNER/NAME.
        folder: where official files lie.

    Raises:
        WeightsError: they are not there; says where they were looked for and what brings them.
    """
    if name in ARCHITECTURES:
        official = DINOV2_FILES[name]
        return Weights(find_weights(official, folder, f"backbone={name}"), ARCHITECTURES[name], official.size)
    path = hub.download_folder(name.removeprefix(hub.PREFIX)) if name.startswith(hub.PREFIX) else Path(name)
    hub.check_folder(path)
    return Weights(path)


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
        """Where it computes."""
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


def load_vit(weights: Weights, device: torch.device) -> Vit:
    """The model of these weights on a device; a second call in the same process returns the same one.

    Raises:
        WeightsError: damaged, or of another architecture.
    """
    return _load(weights, str(device), weights.sha256())


@lru_cache(maxsize=2)
def _load(weights: Weights, device: str, sha256: str) -> Vit:
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
    """A plain DINOv2 from the hub has the official weights, so it gets the official position resampling as well."""
    from transformers import Dinov2Model

    from sparsedff.distill.backbones.vit.positions import OfficialEmbeddings

    if isinstance(model, Dinov2Model):
        embeddings = OfficialEmbeddings(model.config)
        embeddings.load_state_dict(model.embeddings.state_dict(), assign=True)
        model.embeddings = embeddings.requires_grad_(False).eval()
