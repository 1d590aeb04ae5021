"""DINOv2 once more, in plain NumPy float64: a second path that shares no line with torch or transformers.

Written from the published description of the architecture. `tiny_dinov2` makes the random weights, in the official
layout and from NumPy's generator, whose numbers stay the same from version to version.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

State = dict[str, NDArray[np.float64]]

WIDTH, DEPTH, HEADS, GRID, PATCH = 24, 2, 3, 5, 14


def layout(
    width: int, depth: int, registers: int = 0, gated: bool = False, grid: int = GRID
) -> dict[str, tuple[tuple[int, ...], float, float]]:
    """Official names with shape, spread and mean of random weights that keep activations in bounds."""
    result: dict[str, tuple[tuple[int, ...], float, float]] = {
        "cls_token": ((1, 1, width), 1.0, 0.0),
        "pos_embed": ((1, 1 + grid * grid, width), 0.7, 0.0),
        "mask_token": ((1, width), 1.0, 0.0),
        "patch_embed.proj.weight": ((width, 3, PATCH, PATCH), 0.1, 0.0),
        "patch_embed.proj.bias": ((width,), 0.3, 0.0),
        "norm.weight": ((width,), 0.25, 1.0),
        "norm.bias": ((width,), 0.3, 0.0),
    }
    if registers:
        result["register_tokens"] = ((1, registers, width), 1.0, 0.0)
    hidden = (int(4 * width * 2 / 3) + 7) // 8 * 8 if gated else 4 * width
    for index in range(depth):
        linear = {"attn.qkv": (3 * width, width), "attn.proj": (width, width)}
        linear |= {"mlp.w12": (2 * hidden, width), "mlp.w3": (width, hidden)} if gated else {}
        linear |= {} if gated else {"mlp.fc1": (hidden, width), "mlp.fc2": (width, hidden)}
        for name, (rows, columns) in linear.items():
            result[f"blocks.{index}.{name}.weight"] = ((rows, columns), columns**-0.5, 0.0)
            result[f"blocks.{index}.{name}.bias"] = ((rows,), 0.3, 0.0)
        for name in ("norm1", "norm2"):
            result[f"blocks.{index}.{name}.weight"] = ((width,), 0.25, 1.0)
            result[f"blocks.{index}.{name}.bias"] = ((width,), 0.3, 0.0)
        for name in ("ls1", "ls2"):
            result[f"blocks.{index}.{name}.gamma"] = ((width,), 0.1, 0.75)
    return result


def drawn(layout: dict[str, tuple[tuple[int, ...], float, float]], seed: int) -> State:
    """Random weights of a layout; float64 arrays of float32 values."""
    rng = np.random.default_rng(seed)
    return {
        name: (mean + rng.normal(size=shape) * spread).astype(np.float32).astype(np.float64)
        for name, (shape, spread, mean) in layout.items()
    }


def tiny_dinov2(
    registers: int = 0, gated: bool = False, width: int = WIDTH, depth: int = DEPTH, seed: int = 7
) -> State:
    """A small model with random weights, every one of which changes the output."""
    return drawn(layout(width, depth, registers, gated), seed)


def forward(state: State, image: NDArray[np.float64], heads: int = HEADS) -> NDArray[np.float64]:
    """All normalised tokens (1 + registers + patches, C) of an image (3, H, W)."""
    height, width = image.shape[1] // PATCH, image.shape[2] // PATCH
    blocks = image.reshape(3, height, PATCH, width, PATCH)
    x = np.einsum("chpwq,ocpq->hwo", blocks, state["patch_embed.proj.weight"]).reshape(height * width, -1)
    x = np.concatenate([state["cls_token"][0], x + state["patch_embed.proj.bias"]])
    registers = state.get("register_tokens")
    x = x + positions(state["pos_embed"][0], height, width, with_registers=registers is not None)
    if registers is not None:
        x = np.concatenate([x[:1], registers[0], x[1:]])
    for index in range(len({name.split(".")[1] for name in state if name.startswith("blocks.")})):
        p = f"blocks.{index}."
        x = x + state[p + "ls1.gamma"] * _attention(state, p, layer_norm(x, state, p + "norm1"), heads)
        x = x + state[p + "ls2.gamma"] * _feed_forward(state, p, layer_norm(x, state, p + "norm2"))
    return layer_norm(x, state, "norm")


def linear(x: NDArray[np.float64], state: State, name: str) -> NDArray[np.float64]:
    return np.einsum("...i,oi->...o", x, state[name + ".weight"]) + state[name + ".bias"]


def layer_norm(x: NDArray[np.float64], state: State, name: str, eps: float = 1e-6) -> NDArray[np.float64]:
    centred = x - x.mean(-1, keepdims=True)
    return (
        centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps) * state[name + ".weight"] + state[name + ".bias"]
    )


def softmax(x: NDArray[np.float64]) -> NDArray[np.float64]:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def gelu(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x * 0.5 * (1 + erf(x / np.sqrt(2)))


def _attention(state: State, prefix: str, x: NDArray[np.float64], heads: int) -> NDArray[np.float64]:
    q, k, v = linear(x, state, prefix + "attn.qkv").reshape(len(x), 3, heads, -1).transpose(1, 0, 2, 3)
    weights = softmax(np.einsum("nhd,mhd->hnm", q, k) / np.sqrt(q.shape[-1]))
    return linear(np.einsum("hnm,mhd->nhd", weights, v).reshape(len(x), -1), state, prefix + "attn.proj")


def _feed_forward(state: State, prefix: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    if prefix + "mlp.fc1.weight" in state:
        return linear(gelu(linear(x, state, prefix + "mlp.fc1")), state, prefix + "mlp.fc2")
    gate, value = np.split(linear(x, state, prefix + "mlp.w12"), 2, axis=-1)
    return linear(gate / (1 + np.exp(-gate)) * value, state, prefix + "mlp.w3")


def positions(table: NDArray[np.float64], rows: int, columns: int, with_registers: bool) -> NDArray[np.float64]:
    """(1 + rows * columns, C): the class token's position, then the grid's, resampled by separable bicubic weights."""
    side = round((len(table) - 1) ** 0.5)
    if rows == columns == side:
        return table
    weights = [_antialiased(side, n) if with_registers else _offset(side, n) for n in (rows, columns)]
    grid = np.einsum("ri,cj,ijk->rck", *weights, table[1:].reshape(side, side, -1))
    return np.concatenate([table[:1], grid.reshape(rows * columns, -1)])


def _cubic(distance: NDArray[np.float64], a: float) -> NDArray[np.float64]:
    d = np.abs(distance)
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def _offset(source: int, target: int) -> NDArray[np.float64]:
    """(target, source) weights of the models without registers.

    Keys' kernel with a = -0.75, borders repeated; the step is that of a scale factor a tenth of a patch too large.
    """
    result = np.zeros((target, source))
    for i in range(target):
        centre = (i + 0.5) * source / (target + 0.1) - 0.5
        for tap in range(int(np.floor(centre)) - 1, int(np.floor(centre)) + 3):
            result[i, min(max(tap, 0), source - 1)] += _cubic(np.array(centre - tap), -0.75)
    return result


def _antialiased(source: int, target: int) -> NDArray[np.float64]:
    """(target, source) weights of the models with registers: a = -0.5, kernel widened to shrink, cut at borders."""
    step = source / target
    widened = max(step, 1.0)
    centre = (np.arange(target) + 0.5) * step
    weights = _cubic((np.arange(source)[None] + 0.5 - centre[:, None]) / widened, -0.5)
    return weights / weights.sum(1, keepdims=True)
