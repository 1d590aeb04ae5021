"""Segment Anything once more, in plain NumPy float64: a second path that shares no line with torch or transformers.

Written from the published description of the architecture; `tiny_sam` makes random weights in the official layout.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tests.support.plain_vit import State, drawn, gelu, layer_norm, linear, softmax

Array = NDArray[np.float64]


class Sizes(NamedTuple):
    """Of an image encoder and the decoder behind it."""

    width: int
    heads: int
    depth: int
    global_blocks: tuple[int, ...]
    grid: int = 64
    window: int = 14
    hidden: int = 256
    mlp: int = 2048
    iou: int = 256


TINY = Sizes(12, 2, 2, (1,), grid=4, window=3, hidden=32, mlp=40, iou=20)
"""Two encoder blocks: one in windows that need padding, one global."""

WIDTH, HEADS, DEPTH, GLOBAL, GRID, WINDOW, HIDDEN = *TINY[:4], TINY.grid, TINY.window, TINY.hidden
PATCH, SIDE, DECODER_HEADS, DECODER_EPS = 16, 16 * TINY.grid, 8, 1e-5


def layout(sizes: Sizes) -> dict[str, tuple[tuple[int, ...], float, float]]:
    """Official names with shape, spread and mean of random weights that keep activations in bounds."""
    width, hidden = sizes.width, sizes.hidden
    result: dict[str, tuple[tuple[int, ...], float, float]] = {}

    def put(name: str, *shape: int, scale: float = 1.0, mean: float = 0.0) -> None:
        result[name] = (shape, scale, mean)

    def put_linear(name: str, out: int, inner: int) -> None:
        put(name + ".weight", out, inner, scale=inner**-0.5)
        put(name + ".bias", out, scale=0.3)

    def put_norm(name: str, size: int) -> None:
        put(name + ".weight", size, scale=0.25, mean=1.0)
        put(name + ".bias", size, scale=0.3)

    encoder = "image_encoder."
    put(encoder + "pos_embed", 1, sizes.grid, sizes.grid, width)
    put(encoder + "patch_embed.proj.weight", width, 3, PATCH, PATCH, scale=0.05)
    put(encoder + "patch_embed.proj.bias", width, scale=0.3)
    for block in range(sizes.depth):
        b = f"{encoder}blocks.{block}."
        put_norm(b + "norm1", width)
        put_norm(b + "norm2", width)
        put_linear(b + "attn.qkv", 3 * width, width)
        put_linear(b + "attn.proj", width, width)
        side = sizes.grid if block in sizes.global_blocks else sizes.window
        put(b + "attn.rel_pos_h", 2 * side - 1, width // sizes.heads)
        put(b + "attn.rel_pos_w", 2 * side - 1, width // sizes.heads)
        put_linear(b + "mlp.lin1", 4 * width, width)
        put_linear(b + "mlp.lin2", width, 4 * width)
    put(encoder + "neck.0.weight", hidden, width, 1, 1, scale=width**-0.5)
    put_norm(encoder + "neck.1", hidden)
    put(encoder + "neck.2.weight", hidden, hidden, 3, 3, scale=(9 * hidden) ** -0.5)
    put_norm(encoder + "neck.3", hidden)

    prompt = "prompt_encoder."
    put(prompt + "pe_layer.positional_encoding_gaussian_matrix", 2, hidden // 2)
    for index in range(4):
        put(f"{prompt}point_embeddings.{index}.weight", 1, hidden)
    put(prompt + "not_a_point_embed.weight", 1, hidden)
    put(prompt + "no_mask_embed.weight", 1, hidden)
    for index, out, inner, side in ((0, 4, 1, 2), (3, 16, 4, 2), (6, hidden, 16, 1)):
        put(f"{prompt}mask_downscaling.{index}.weight", out, inner, side, side, scale=0.5)
        put(f"{prompt}mask_downscaling.{index}.bias", out, scale=0.3)
    put_norm(prompt + "mask_downscaling.1", 4)
    put_norm(prompt + "mask_downscaling.4", 16)

    decoder = "mask_decoder."
    put(decoder + "iou_token.weight", 1, hidden)
    put(decoder + "mask_tokens.weight", 4, hidden)
    half = hidden // 2
    attentions = {
        f"layers.{i}.{n}": half for i in (0, 1) for n in ("cross_attn_token_to_image", "cross_attn_image_to_token")
    }
    attentions |= {f"layers.{i}.self_attn": hidden for i in (0, 1)} | {"final_attn_token_to_image": half}
    for name, inner in attentions.items():
        for part in "qkv":
            put_linear(f"{decoder}transformer.{name}.{part}_proj", inner, hidden)
        put_linear(f"{decoder}transformer.{name}.out_proj", hidden, inner)
    for layer in (0, 1):
        put_linear(f"{decoder}transformer.layers.{layer}.mlp.lin1", sizes.mlp, hidden)
        put_linear(f"{decoder}transformer.layers.{layer}.mlp.lin2", hidden, sizes.mlp)
        for norm in (1, 2, 3, 4):
            put_norm(f"{decoder}transformer.layers.{layer}.norm{norm}", hidden)
    put_norm(decoder + "transformer.norm_final_attn", hidden)
    put(decoder + "output_upscaling.0.weight", hidden, hidden // 4, 2, 2, scale=hidden**-0.5)
    put(decoder + "output_upscaling.0.bias", hidden // 4, scale=0.3)
    put_norm(decoder + "output_upscaling.1", hidden // 4)
    put(decoder + "output_upscaling.3.weight", hidden // 4, hidden // 8, 2, 2, scale=0.5)
    put(decoder + "output_upscaling.3.bias", hidden // 8, scale=0.3)
    heads = {f"output_hypernetworks_mlps.{i}": (hidden, hidden // 8) for i in range(4)} | {
        "iou_prediction_head": (sizes.iou, 4)
    }
    for head, (inner, out) in heads.items():
        for index, (rows, columns) in enumerate(((inner, hidden), (inner, inner), (out, inner))):
            put_linear(f"{decoder}{head}.layers.{index}", rows, columns)
    return result


def tiny_sam(seed: int = 9) -> State:
    """A small model with random weights."""
    return drawn(layout(TINY), seed)


def encode(state: State, image: Array) -> Array:
    """Image features (HIDDEN, GRID, GRID) of a normalised, padded image (3, SIDE, SIDE)."""
    e = "image_encoder."
    patches = image.reshape(3, GRID, PATCH, GRID, PATCH)
    x = np.einsum("chpwq,ocpq->hwo", patches, state[e + "patch_embed.proj.weight"])
    x = x + state[e + "patch_embed.proj.bias"] + state[e + "pos_embed"][0]
    for block in range(DEPTH):
        b = f"{e}blocks.{block}."
        y = layer_norm(x, state, b + "norm1")
        x = x + (_attend(y, state, b) if block in GLOBAL else _attend_in_windows(y, state, b))
        y = linear(gelu(linear(layer_norm(x, state, b + "norm2"), state, b + "mlp.lin1")), state, b + "mlp.lin2")
        x = x + y
    x = np.einsum("hwi,oi->hwo", x, state[e + "neck.0.weight"][:, :, 0, 0])
    x = np.pad(layer_norm(x, state, e + "neck.1"), ((1, 1), (1, 1), (0, 0)))
    kernel = state[e + "neck.2.weight"]
    x = sum(
        np.einsum("hwi,oi->hwo", x[a : a + GRID, b : b + GRID], kernel[:, :, a, b]) for a in range(3) for b in range(3)
    )
    return layer_norm(x, state, e + "neck.3").transpose(2, 0, 1)


def _attend_in_windows(x: Array, state: State, block: str) -> Array:
    side = -(-GRID // WINDOW) * WINDOW
    padded = np.pad(x, ((0, side - GRID), (0, side - GRID), (0, 0)))
    result = np.zeros_like(padded)
    for top in range(0, side, WINDOW):
        for left in range(0, side, WINDOW):
            part = slice(top, top + WINDOW), slice(left, left + WINDOW)
            result[part] = _attend(padded[part], state, block)
    return result[:GRID, :GRID]


def _attend(x: Array, state: State, block: str) -> Array:
    """Attention with decomposed relative positions over a square (n, n, C)."""
    n = len(x)
    q, k, v = linear(x, state, block + "attn.qkv").reshape(n, n, 3, HEADS, -1).transpose(2, 3, 0, 1, 4)
    offset = np.arange(n)[:, None] - np.arange(n)[None] + n - 1
    scores = np.einsum("ahwd,aijd->ahwij", q, k) / np.sqrt(q.shape[-1])
    scores = scores + np.einsum("ahwd,hid->ahwi", q, state[block + "attn.rel_pos_h"][offset])[..., None]
    scores = scores + np.einsum("ahwd,wjd->ahwj", q, state[block + "attn.rel_pos_w"][offset])[..., None, :]
    weights = softmax(scores.reshape(HEADS, n, n, -1)).reshape(scores.shape)
    return linear(np.einsum("ahwij,aijd->hwad", weights, v).reshape(n, n, -1), state, block + "attn.proj")


def _position(state: State, xy: Array) -> Array:
    angle = 2 * np.pi * ((2 * xy - 1) @ state["prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"])
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=-1)


def _sparse(state: State, points: Array | None, labels: NDArray[np.int64] | None, box: Array | None) -> Array:
    p = "prompt_encoder."
    rows = []
    if points is not None and labels is not None:
        kinds = np.stack([state[f"{p}point_embeddings.{label}.weight"][0] for label in labels])
        rows.append(_position(state, (points + 0.5) / SIDE) + kinds)
        rows += [state[p + "not_a_point_embed.weight"]] if box is None else []
    if box is not None:
        kinds = np.stack([state[f"{p}point_embeddings.{index}.weight"][0] for index in (2, 3)])
        rows.append(_position(state, (box.reshape(2, 2) + 0.5) / SIDE) + kinds)
    return np.concatenate(rows)


def _dense(state: State, previous: Array | None) -> Array:
    """(HIDDEN, GRID, GRID) of an earlier answer (4 GRID, 4 GRID), or of none."""
    p = "prompt_encoder."
    if previous is None:
        return np.broadcast_to(state[p + "no_mask_embed.weight"][0][:, None, None], (HIDDEN, GRID, GRID))
    x = previous[..., None]
    for conv, norm in ((0, 1), (3, 4)):
        n = len(x) // 2
        x = np.einsum("yaxbi,oiab->yxo", x.reshape(n, 2, n, 2, -1), state[f"{p}mask_downscaling.{conv}.weight"])
        x = gelu(layer_norm(x + state[f"{p}mask_downscaling.{conv}.bias"], state, f"{p}mask_downscaling.{norm}"))
    x = np.einsum("yxi,oi->yxo", x, state[p + "mask_downscaling.6.weight"][:, :, 0, 0])
    return (x + state[p + "mask_downscaling.6.bias"]).transpose(2, 0, 1)


def decode(
    state: State,
    features: Array,
    points: Array | None = None,
    labels: NDArray[np.int64] | None = None,
    box: Array | None = None,
    previous: Array | None = None,
) -> tuple[Array, Array]:
    """All four mask logits (4, 4 GRID, 4 GRID), the single one first, and IoU (4,); prompts in pixels of the input."""
    d = "mask_decoder."
    sparse = _sparse(state, points, labels, box)
    token_pe = np.concatenate([state[d + "iou_token.weight"], state[d + "mask_tokens.weight"], sparse])
    centres = (np.arange(GRID) + 0.5) / GRID
    image_pe = _position(state, np.stack(np.meshgrid(centres, centres), axis=-1)).reshape(GRID * GRID, -1)
    image = (features + _dense(state, previous)).reshape(HIDDEN, -1).T
    tokens = token_pe
    for layer in (0, 1):
        t = f"{d}transformer.layers.{layer}."
        if layer == 0:
            tokens = _cross(state, t + "self_attn", tokens, tokens, tokens)
        else:
            tokens = tokens + _cross(state, t + "self_attn", tokens + token_pe, tokens + token_pe, tokens)
        tokens = layer_norm(tokens, state, t + "norm1", DECODER_EPS)
        tokens = tokens + _cross(state, t + "cross_attn_token_to_image", tokens + token_pe, image + image_pe, image)
        tokens = layer_norm(tokens, state, t + "norm2", DECODER_EPS)
        hidden = np.maximum(linear(tokens, state, t + "mlp.lin1"), 0)
        tokens = layer_norm(tokens + linear(hidden, state, t + "mlp.lin2"), state, t + "norm3", DECODER_EPS)
        image = image + _cross(state, t + "cross_attn_image_to_token", image + image_pe, tokens + token_pe, tokens)
        image = layer_norm(image, state, t + "norm4", DECODER_EPS)
    last = f"{d}transformer.final_attn_token_to_image"
    tokens = tokens + _cross(state, last, tokens + token_pe, image + image_pe, image)
    tokens = layer_norm(tokens, state, d + "transformer.norm_final_attn", 1e-5)

    x = _doubled(state, d + "output_upscaling.0", image.reshape(GRID, GRID, HIDDEN))
    x = _doubled(state, d + "output_upscaling.3", gelu(layer_norm(x, state, d + "output_upscaling.1")))
    hyper = np.stack([_head(state, f"{d}output_hypernetworks_mlps.{i}", tokens[1 + i]) for i in range(4)])
    return np.einsum("yxc,mc->myx", gelu(x), hyper), _head(state, d + "iou_prediction_head", tokens[0])


def _cross(state: State, name: str, q: Array, k: Array, v: Array) -> Array:
    q, k, v = (
        linear(x, state, f"{name}.{part}_proj").reshape(len(x), DECODER_HEADS, -1)
        for x, part in ((q, "q"), (k, "k"), (v, "v"))
    )
    weights = softmax(np.einsum("nhd,mhd->hnm", q, k) / np.sqrt(q.shape[-1]))
    return linear(np.einsum("hnm,mhd->nhd", weights, v).reshape(len(q), -1), state, name + ".out_proj")


def _doubled(state: State, name: str, x: Array) -> Array:
    """A transposed convolution with kernel and stride 2 of a map (n, n, C)."""
    n = len(x)
    y = np.einsum("yxi,ioab->yaxbo", x, state[name + ".weight"])
    return y.reshape(2 * n, 2 * n, -1) + state[name + ".bias"]


def _head(state: State, name: str, x: Array) -> Array:
    for layer in (0, 1):
        x = np.maximum(linear(x, state, f"{name}.layers.{layer}"), 0)
    return linear(x, state, f"{name}.layers.2")
