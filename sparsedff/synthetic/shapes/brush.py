"""Tools to paint with: mixing, bands, and printed pictures wrapped around a part."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.synthetic.shapes.noise import fractal_noise, step

Float = NDArray[np.float64]
Image = NDArray[np.uint8]


def plain(color: tuple[float, float, float], canonical: Float, seed: int, unevenness: float = 0.05) -> Float:
    """One colour (N, 3) with a little grain at canonical coordinates (N, 3)."""
    return np.asarray(color) * (1.0 + unevenness * fractal_noise(canonical * 5.0, seed))[:, None]


def over(below: Float, color: tuple[float, float, float] | Float, cover: Float) -> Float:
    """Paint a colour (3,) or (N, 3) over albedo (N, 3) where cover (N,) is 1."""
    return below * (1.0 - cover[:, None]) + np.asarray(color) * cover[:, None]


def band(value: Float, low: float, high: float, edge: float) -> Float:
    """1 for low < value < high, 0 outside, cubic edges `edge` wide; (N,)."""
    return step(value, low, edge) * (1.0 - step(value, high, edge))


def disc(u: Float, v: Float, radius: float, edge: float) -> Float:
    """1 within `radius` of the origin of (u, v) (N,), 0 outside."""
    return 1.0 - step(np.hypot(u, v), radius, edge)


def turn(canonical: Float) -> Float:
    """Angle (N,) about z in [-1, 1): 0 at +x, 0.5 at +y."""
    return np.arctan2(canonical[:, 1], canonical[:, 0]) / np.pi


class Print:
    """A printed picture: covers of one ink each, looked up by (u, v) in [0, 1], v upwards; 0 outside.

    Args:
        size: (width, height) [px] of the picture.
        draw: paints white on a black image, once per ink.
        around: left and right edge meet, as on a label around a bottle.
    """

    def __init__(self, size: tuple[int, int], *draw: Callable[[Image], object], around: bool = False) -> None:
        self._size = size
        self._around = around
        self._inks = []
        for paint in draw:
            canvas = np.zeros((size[1], size[0]), dtype=np.uint8)
            paint(canvas)
            self._inks.append(cv2.GaussianBlur(canvas, (0, 0), 0.8).astype(np.float32) / 255.0)

    def covers(self, u: Float, v: Float) -> list[Float]:
        """One cover (N,) an ink at (u, v) (N,)."""
        width, height = self._size
        # Rounded to a sixteenth of a pixel inside OpenCV; more than prints need.
        x, y = (u * width - 0.5).astype(np.float32), ((1.0 - v) * height - 0.5).astype(np.float32)
        on_it = (v >= 0.0) & (v <= 1.0) & (self._around | ((u >= 0.0) & (u <= 1.0)))
        return [_sample(ink, x, y) * on_it for ink in self._inks]


def _sample(image: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]) -> Float:
    found = np.empty(len(x))
    for start in range(0, len(x), 30000):  # cv2.remap takes at most 32767 rows
        rows = slice(start, start + 30000)
        mapped = cv2.remap(image, x[rows, None], y[rows, None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        found[rows] = mapped[:, 0]
    return found


def text(canvas: Image, words: str, left: float, base: float, height: float, weight: int = 3) -> None:
    """Write words on a canvas; left, baseline and letter height are shares of its size, from the bottom left."""
    rows, columns = canvas.shape
    scale = height * rows / 22.0  # the font's capitals are 22 px tall at scale 1
    origin = (int(left * columns), int((1.0 - base) * rows))
    cv2.putText(canvas, words, origin, cv2.FONT_HERSHEY_DUPLEX, scale, 255, weight, cv2.LINE_AA)
