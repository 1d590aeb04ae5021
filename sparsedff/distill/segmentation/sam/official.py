"""The official Segment Anything checkpoints: architectures, and their tensors under transformers' names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from sparsedff.distill.weights.official import OfficialLayout

DECODER_EPS = 1e-5
"""Of the LayerNorms in the mask decoder's two-way blocks, as in the official code. transformers' SamModel has 1e-6
there (docs/parity.md)."""


@dataclass(frozen=True)
class Architecture:
    """An image encoder.

    Attributes:
        width: channels.
        depth: transformer blocks.
        heads: attention heads.
        global_blocks: blocks that attend to the whole image; the others attend within windows.
    """

    width: int
    depth: int
    heads: int
    global_blocks: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.width} channels, {self.depth} blocks, global attention in {list(self.global_blocks)}"


ARCHITECTURES = {
    "vit_b": Architecture(768, 12, 12, (2, 5, 8, 11)),
    "vit_l": Architecture(1024, 24, 16, (5, 11, 17, 23)),
    "vit_h": Architecture(1280, 32, 16, (7, 15, 23, 31)),
}
"""By the names under which the authors publish them."""

_NECK = {"0": "conv1", "1": "layer_norm1", "2": "conv2", "3": "layer_norm2"}
_MASK = {"0": "conv1", "1": "layer_norm1", "3": "conv2", "4": "layer_norm2", "6": "conv3"}
_UPSCALING = {"0": "upscale_conv1", "1": "upscale_layer_norm", "3": "upscale_conv2"}
_HEAD = {"0": "proj_in", "1": "layers.0", "2": "proj_out"}

_RULES: tuple[tuple[str, Any], ...] = (
    (r"image_encoder\.patch_embed\.proj\.", "vision_encoder.patch_embed.projection."),
    (r"image_encoder\.blocks\.(\d+)\.norm", r"vision_encoder.layers.\1.layer_norm"),
    (r"image_encoder\.blocks\.", "vision_encoder.layers."),
    (r"image_encoder\.neck\.([0-3])\.", lambda m: f"vision_encoder.neck.{_NECK[m[1]]}."),
    (r"image_encoder\.", "vision_encoder."),
    (r"mask_decoder\.(iou_prediction_head|output_hypernetworks_mlps\.\d)\.layers\.([0-2])\.",
     lambda m: f"mask_decoder.{m[1]}.{_HEAD[m[2]]}."),
    (r"mask_decoder\.output_upscaling\.([013])\.", lambda m: f"mask_decoder.{_UPSCALING[m[1]]}."),
    (r"mask_decoder\.transformer\.norm_final", "mask_decoder.transformer.layer_norm_final"),
    (r"mask_decoder\.transformer\.layers\.(\d)\.norm", r"mask_decoder.transformer.layers.\1.layer_norm"),
    (r"prompt_encoder\.mask_downscaling\.([01346])\.", lambda m: f"prompt_encoder.mask_embed.{_MASK[m[1]]}."),
    (r"prompt_encoder\.point_embeddings\.", "prompt_encoder.point_embed."),
)  # fmt: skip
"""The first rule whose pattern matches the beginning of a name replaces it. A name that no rule matches stays."""

_POSITIONS = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
_POSITION_PLACES = (
    "shared_image_embedding.positional_embedding",
    "prompt_encoder.shared_embedding.positional_embedding",
)


def renamed(official: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors under transformers' names; names that no rule knows stay, so none is unknown."""
    result: dict[str, Tensor] = {}
    for name, value in official.items():
        if name == _POSITIONS:  # one tensor in the file, used at two places
            result |= dict.fromkeys(_POSITION_PLACES, value)
            continue
        rule = next(((p, r) for p, r in _RULES if re.match(p, name)), None)
        result[re.sub(*rule, name, count=1) if rule else name] = value
    return result, []


def architecture_of(official: dict[str, Tensor]) -> Architecture | None:
    """The architecture that the tensors have, None if they are of no Segment Anything.

    Heads are 0, because tensors do not show them. Blocks with global attention have position tables for the whole
    image, the others for a window.
    """
    positions = official.get("image_encoder.pos_embed")
    pattern = re.compile(r"image_encoder\.blocks\.(\d+)\.attn\.rel_pos_h")
    tables = {int(m[1]): len(value) for name, value in official.items() if (m := pattern.fullmatch(name))}
    if positions is None or positions.ndim != 4 or not tables:
        return None
    whole = 2 * positions.shape[1] - 1
    return Architecture(positions.shape[-1], len(tables), 0, tuple(sorted(b for b, n in tables.items() if n == whole)))


def _empty(architecture: Architecture, official: dict[str, Tensor]) -> nn.Module:
    from transformers import SamModel

    model: nn.Module = SamModel(_config(architecture, official))
    return model


def _config(architecture: Architecture, official: dict[str, Tensor]) -> Any:
    """transformers' configuration; sizes that the official releases share are read off the tensors."""
    from transformers import SamConfig

    grid = official["image_encoder.pos_embed"].shape[1]
    patch = _shape(official, "image_encoder.patch_embed.proj.weight")[-1]
    hidden = _shape(official, "image_encoder.neck.0.weight")[0]
    windows = [
        _shape(official, f"image_encoder.blocks.{block}.attn.rel_pos_h")[0]
        for block in range(architecture.depth)
        if block not in architecture.global_blocks
    ]
    vision = {
        "hidden_size": architecture.width,
        "num_hidden_layers": architecture.depth,
        "num_attention_heads": architecture.heads,
        "global_attn_indexes": list(architecture.global_blocks),
        "mlp_dim": _shape(official, "image_encoder.blocks.0.mlp.lin1.weight")[0],
        "output_channels": hidden,
        "num_pos_feats": hidden // 2,
        "image_size": grid * patch,
        "patch_size": patch,
        "window_size": (windows[0] + 1) // 2 if windows else 14,
    }
    prompts = {"hidden_size": hidden, "image_size": grid * patch, "patch_size": patch, "image_embedding_size": grid}
    decoder = {
        "hidden_size": hidden,
        "mlp_dim": _shape(official, "mask_decoder.transformer.layers.0.mlp.lin1.weight")[0],
        "iou_head_hidden_dim": _shape(official, "mask_decoder.iou_prediction_head.layers.0.weight")[0],
        "layer_norm_eps": DECODER_EPS,
    }
    return SamConfig(vision_config=vision, prompt_encoder_config=prompts, mask_decoder_config=decoder)


def _shape(official: dict[str, Tensor], name: str) -> tuple[int, ...]:
    """A tensor's shape. A missing tensor gets a shape that fits nothing, so that the comparison of names reports it."""
    return tuple(official[name].shape) if name in official else (16, 16, 16, 16)


build_official = OfficialLayout("Segment Anything", architecture_of, renamed, _empty).build
"""A transformers model of an official checkpoint, see `OfficialLayout.build`."""
