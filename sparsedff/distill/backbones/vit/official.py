"""The official DINOv2 checkpoints: their architectures, and their tensors under transformers' names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from sparsedff.distill.weights.official import OfficialLayout


@dataclass(frozen=True)
class Architecture:
    """A DINOv2.

    Attributes:
        width: channels.
        depth: transformer blocks.
        heads: attention heads.
        registers: register tokens, 0 or 4.
        gated: SwiGLU in place of the two-layer MLP, as the giant has it.
    """

    width: int
    depth: int
    heads: int
    registers: int = 0
    gated: bool = False

    def __str__(self) -> str:
        ffn = "SwiGLU" if self.gated else "MLP"
        return f"{self.width} channels, {self.depth} blocks, {self.registers} registers, {ffn}"


_SIZES = {"s": (384, 12, 6), "b": (768, 12, 12), "l": (1024, 24, 16), "g": (1536, 40, 24)}
ARCHITECTURES = {
    f"dinov2_vit{letter}14{suffix}": Architecture(*size, registers=registers, gated=letter == "g")
    for letter, size in _SIZES.items()
    for suffix, registers in (("", 0), ("_reg", 4))
}
"""By the names under which the authors publish them."""

_TOP = {
    "cls_token": "embeddings.cls_token",
    "mask_token": "embeddings.mask_token",
    "pos_embed": "embeddings.position_embeddings",
    "register_tokens": "embeddings.register_tokens",
    "patch_embed.proj.weight": "embeddings.patch_embeddings.projection.weight",
    "patch_embed.proj.bias": "embeddings.patch_embeddings.projection.bias",
    "norm.weight": "layernorm.weight",
    "norm.bias": "layernorm.bias",
}
_BLOCK = re.compile(r"blocks\.(\d+)\.(.+)\.(weight|bias|gamma)")
_PARTS: dict[str, tuple[str, ...]] = {
    "norm1": ("norm1",),
    "norm2": ("norm2",),
    "attn.qkv": ("attention.q_proj", "attention.k_proj", "attention.v_proj"),
    "attn.proj": ("attention.o_proj",),
    "mlp.fc1": ("mlp.fc1",),
    "mlp.fc2": ("mlp.fc2",),
    "mlp.w12": ("mlp.gate_proj", "mlp.up_proj"),
    "mlp.w3": ("mlp.down_proj",),
    "ls1": ("layer_scale1",),
    "ls2": ("layer_scale2",),
}
"""Modules of a block; where there are several, the official tensor is their rows, one below the other."""


def renamed(official: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors under transformers' names, and the names that no DINOv2 has."""
    result: dict[str, Tensor] = {}
    unknown = []
    for name, value in official.items():
        match = _BLOCK.fullmatch(name)
        if name in _TOP:
            result[_TOP[name]] = value
        elif match and match[2] in _PARTS and len(value) % len(_PARTS[match[2]]) == 0:
            block, parts, kind = match[1], _PARTS[match[2]], match[3].replace("gamma", "lambda1")
            for part, rows in zip(parts, value.chunk(len(parts)), strict=True):
                result[f"encoder.layer.{block}.{part}.{kind}"] = rows
        else:
            unknown.append(name)
    return result, unknown


def architecture_of(official: dict[str, Tensor]) -> Architecture | None:
    """The architecture that the tensors have, None if they are of no DINOv2. Heads are 0: tensors do not show them."""
    if not {"pos_embed", "patch_embed.proj.weight", "blocks.0.attn.qkv.weight"} <= set(official):
        return None
    depth = len({name.split(".")[1] for name in official if name.startswith("blocks.")})
    registers = official["register_tokens"].shape[1] if "register_tokens" in official else 0
    return Architecture(official["pos_embed"].shape[-1], depth, 0, registers, "blocks.0.mlp.w12.weight" in official)


def _empty(architecture: Architecture, official: dict[str, Tensor]) -> nn.Module:
    """The model of the architecture; patch size and position grid as the tensors have them."""
    from transformers import Dinov2Config, Dinov2Model, Dinov2WithRegistersConfig, Dinov2WithRegistersModel

    from sparsedff.distill.backbones.vit.positions import OfficialEmbeddings

    patch = official["patch_embed.proj.weight"].shape[-1]
    side = round((official["pos_embed"].shape[1] - 1) ** 0.5)
    settings: dict[str, Any] = {
        "hidden_size": architecture.width,
        "num_hidden_layers": architecture.depth,
        "num_attention_heads": architecture.heads,
        "use_swiglu_ffn": architecture.gated,
        "patch_size": patch,
        "image_size": side * patch,
    }
    if architecture.registers:
        with_registers = Dinov2WithRegistersConfig(**settings, num_register_tokens=architecture.registers)
        return Dinov2WithRegistersModel(with_registers)
    model = Dinov2Model(Dinov2Config(**settings))
    model.embeddings = OfficialEmbeddings(model.config)
    return model


build_official = OfficialLayout("DINOv2", architecture_of, renamed, _empty).build
"""A transformers model of an official checkpoint, see `OfficialLayout.build`."""
