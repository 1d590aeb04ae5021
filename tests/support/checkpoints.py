"""Small random checkpoints in the official layouts and in the hub's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from sparsedff.distill.backbones.vit import official as vit
from sparsedff.distill.segmentation.sam import official as sam
from tests.support import plain_sam, plain_vit

CPU = torch.device("cpu")
TINY_VIT = vit.Architecture(plain_vit.WIDTH, plain_vit.DEPTH, plain_vit.HEADS)
TINY_SAM = sam.Architecture(plain_sam.WIDTH, plain_sam.DEPTH, plain_sam.HEADS, plain_sam.GLOBAL)


def tensors(state: plain_vit.State) -> dict[str, torch.Tensor]:
    """Float32 tensors of NumPy weights."""
    return {name: torch.from_numpy(value).float() for name, value in state.items()}


def save(state: plain_vit.State, path: Path) -> Path:
    """Write an official .pth file."""
    torch.save(tensors(state), path)
    return path


def hub_folder(folder: Path, kind: str) -> Path:
    """A small random model of some kind, saved as the hub's folders are."""
    import transformers

    small: dict[str, Any] = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3}
    models: dict[str, Callable[[], Any]] = {
        "dinov2": lambda: transformers.Dinov2Model(transformers.Dinov2Config(**small, patch_size=14, image_size=70)),
        "registers": lambda: transformers.Dinov2WithRegistersModel(
            transformers.Dinov2WithRegistersConfig(**small, patch_size=14, image_size=70)
        ),
        "dinov3": lambda: transformers.DINOv3ViTModel(
            transformers.DINOv3ViTConfig(**small, intermediate_size=48, patch_size=16, num_register_tokens=2)
        ),
        "vit": lambda: transformers.ViTModel(
            transformers.ViTConfig(**small, intermediate_size=48, patch_size=8, image_size=32), add_pooling_layer=False
        ),
        "clip": lambda: transformers.CLIPVisionModel(
            transformers.CLIPVisionConfig(**small, intermediate_size=48, patch_size=8, image_size=32)
        ),
        "resnet": lambda: transformers.ResNetModel(
            transformers.ResNetConfig(embedding_size=8, hidden_sizes=[8, 8], depths=[1, 1])
        ),
    }
    torch.manual_seed(0)
    models[kind]().save_pretrained(folder)
    return folder
