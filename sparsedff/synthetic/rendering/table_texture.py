"""What table tops look like: brightness around 1, one pixel per millimetre."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError
from sparsedff.synthetic.shapes.noise import fractal_noise

Float = NDArray[np.float64]

M_PER_PIXEL = 0.001


def texture_names() -> tuple[str, ...]:
    """The textures that random tables have; that of a held-out place is not among them."""
    return tuple(_TEXTURES)


@lru_cache(maxsize=4)
def table_brightness(texture: str, half_size_m: tuple[float, float]) -> NDArray[np.float32]:
    """Brightness (2 * half_size_m[1], 2 * half_size_m[0]) in millimetres, rows along y.

    Raises:
        ConfigError: no texture of that name.
    """
    if texture not in _TEXTURES | _OF_PLACES:
        raise ConfigError(f"table texture must be one of {', '.join(_TEXTURES | _OF_PLACES)}, got {texture!r}")
    columns, rows = (int(2 * half / M_PER_PIXEL) for half in half_size_m)
    x, y = np.meshgrid(np.arange(columns) / 1000.0, np.arange(rows) / 1000.0)
    return (_TEXTURES | _OF_PLACES)[texture](x, y).astype(np.float32)


def _wood(x: Float, y: Float) -> Float:
    """Boards along y; x and y [m]."""
    board = np.floor(x / 0.11)
    cut = np.abs(x / 0.11 - board - 0.5) > 0.485
    # Grain is drawn at a quarter of the resolution along y, where it hardly changes.
    coarse = np.stack([x[::4].ravel() * 170.0, y[::4].ravel() * 5.0, board[::4].ravel() * 13.7], axis=1)
    fine = fractal_noise(coarse, seed=3, octaves=2).reshape(x[::4].shape)
    broad = fractal_noise(coarse * (0.12, 0.6, 1.0), seed=4, octaves=2).reshape(x[::4].shape)
    grain = _resized(0.12 * fine + 0.20 * broad, x.shape)
    return np.where(cut, 0.62, 1.0 + grain)


def _cloth(x: Float, y: Float) -> Float:
    """A checked table cloth: where stripes cross it is darkest."""
    stripes = 0.22 * (np.mod(x, 0.06) < 0.03) + 0.22 * (np.mod(y, 0.06) < 0.03)
    weave = 0.04 * np.sin(2 * np.pi * x / 0.004) * np.sin(2 * np.pi * y / 0.004)
    return 1.2 - stripes + weave


def _stone(x: Float, y: Float) -> Float:
    """A polished slab with veins."""
    quarter = np.stack([x[::4, ::4].ravel() * 7.0, y[::4, ::4].ravel() * 7.0, np.zeros(x[::4, ::4].size)], axis=1)
    bend = fractal_noise(quarter, seed=11, octaves=4).reshape(x[::4, ::4].shape)
    veins = np.exp(-np.abs(np.sin(9.0 * (x[::4, ::4] + 0.6 * y[::4, ::4]) + 4.0 * bend)) / 0.06)
    return _resized(1.05 + 0.10 * bend - 0.35 * veins, x.shape)


def _tiles(x: Float, y: Float) -> Float:
    """A printed cloth: dots in diamonds, set off from row to row, between lines that wave."""
    row = np.floor(y / 0.045)
    u, v = np.mod(x / 0.045 + 0.5 * np.mod(row, 2), 1.0) - 0.5, np.mod(y / 0.045, 1.0) - 0.5
    diamond, dot = np.abs(u) + np.abs(v) < 0.36, np.hypot(u, v) < 0.15
    wave = np.abs(np.mod(x / 0.15 + 0.12 * np.sin(2 * np.pi * y / 0.11), 1.0) - 0.5) < 0.035
    return 1.05 + 0.35 * diamond - 0.75 * dot - 0.40 * wave


def _plain(x: Float, y: Float) -> Float:
    """Painted board without any pattern."""
    return np.ones_like(x)


def _resized(image: Float, shape: tuple[int, ...]) -> Float:
    return np.asarray(cv2.resize(image, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), dtype=np.float64)


_TEXTURES = {"wood": _wood, "cloth": _cloth, "stone": _stone, "plain": _plain}
_OF_PLACES = {"tiles": _tiles}
"""Textures that belong to one place (places.py) and are never drawn."""
