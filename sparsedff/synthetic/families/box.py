"""Boxes: printed cartons, every side with another picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.shapes.assembly import at
from sparsedff.synthetic.shapes.brush import Image, Print, over, plain, text
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject
from sparsedff.synthetic.shapes.round_box import RoundBox

Float = NDArray[np.float64]

EDGE_M = 0.003


@dataclass(frozen=True)
class BoxParameters(ObjectParameters):
    """A carton of about 6 x 10 x 13 cm (depth along x, width along y, height); its front looks to +x.

    A carton has no parts that move, so its pose is that of the whole.

    Attributes:
        depth, width, height: its three sizes.
    """

    family: ClassVar[str] = "box"

    depth: float = 1.0
    width: float = 1.0
    height: float = 1.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.75, 0.48, 0.06), (0.08, 0.25, 0.36), (0.66, 0.10, 0.08), (0.04, 0.03, 0.03))
    )


def build_box(parameters: BoxParameters) -> ProceduralObject:
    """One part, the body; canonical coordinates are -1 and 1 on its faces."""
    p = parameters
    half = (0.0300 * p.depth * p.scale, 0.0500 * p.width * p.scale, 0.0650 * p.height * p.scale)
    body = at("body", RoundBox(half, EDGE_M), (0.0, 0.0, half[2]))
    return ProceduralObject("box", (body,), _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    def paint(part: str, canonical: Float) -> Float:
        albedo = plain(colors.base, canonical, colors.pattern_seed)
        side = np.abs(canonical) + np.array([0.0, 0.0, 1e-6])
        axis = np.argmax(side, axis=1)
        for face, (across, up, sign) in enumerate(((1, 2, 0), (0, 2, 1), (0, 1, 2))):
            for end in (1.0, -1.0):
                mine = np.flatnonzero((axis == face) & (canonical[:, sign] * end > 0))
                # The picture is upright and not mirrored seen from outside.
                mirror = end if face != 1 else -end
                u = 0.5 * (1.0 + mirror * canonical[mine, across])
                v = 0.5 * (1.0 + canonical[mine, up])
                second, accent, ink = _faces()[2 * face + (0 if end > 0 else 1)].covers(u, v)
                albedo[mine] = over(albedo[mine], colors.second, second)
                albedo[mine] = over(over(albedo[mine], colors.accent, accent), colors.ink, ink)
        return np.clip(albedo, 0.0, 1.0)

    return paint


@lru_cache(maxsize=1)
def _faces() -> tuple[Print, ...]:
    """Front, back, left, right, top, bottom."""

    def bar(low: float, high: float) -> Callable[[Image], None]:
        def draw(canvas: Image) -> None:
            rows, columns = canvas.shape
            cv2.rectangle(canvas, (0, int((1 - high) * rows)), (columns, int((1 - low) * rows)), 255, -1)

        return draw

    def front_accent(canvas: Image) -> None:
        rows, columns = canvas.shape
        cv2.ellipse(
            canvas, (int(0.5 * columns), int(0.60 * rows)), (int(0.34 * columns), int(0.17 * rows)), 0, 0, 360, 255, -1
        )
        cv2.circle(canvas, (int(0.86 * columns), int(0.90 * rows)), 34, 255, -1)

    def front_ink(canvas: Image) -> None:
        text(canvas, "TEA", 0.22, 0.80, 0.13, 9)
        text(canvas, "black & strong", 0.12, 0.71, 0.045, 3)
        text(canvas, "50 bags", 0.06, 0.06, 0.06, 4)
        rows, columns = canvas.shape
        for n in range(4):  # steam
            x = int((0.36 + 0.09 * n) * columns)
            cv2.ellipse(canvas, (x, int(0.50 * rows)), (12, 34), 15 * n - 20, 90, 270, 255, 5, cv2.LINE_AA)
        cv2.rectangle(canvas, (int(0.34 * columns), int(0.56 * rows)), (int(0.64 * columns), int(0.70 * rows)), 255, -1)

    def back_accent(canvas: Image) -> None:
        rows, columns = canvas.shape
        cv2.fillPoly(canvas, [np.array([[0, rows], [columns, rows], [0, int(0.55 * rows)]])], 255)

    def back_ink(canvas: Image) -> None:
        text(canvas, "how to", 0.08, 0.84, 0.07, 5)
        rows, columns = canvas.shape
        for n in range(9):
            y, end = int((0.24 + 0.045 * n) * rows), 0.55 + 0.38 * ((n * 37) % 11) / 11
            cv2.line(canvas, (int(0.08 * columns), y), (int(end * columns), y), 255, 6)

    def side_accent(canvas: Image) -> None:
        rows, columns = canvas.shape
        for n in range(5):
            cv2.circle(canvas, (int(0.5 * columns), int((0.22 + 0.14 * n) * rows)), 20 + 9 * n, 255, -1)

    def side_ink(canvas: Image) -> None:
        rows, columns = canvas.shape
        for n in range(7):
            cv2.line(canvas, (0, int(0.12 * n * rows) + 40), (columns, int(0.12 * n * rows)), 255, 5)

    def bars(canvas: Image) -> None:
        rows, columns = canvas.shape
        for n in range(24):
            if n * 5 % 7 < 4:
                x = int(0.18 * columns) + 8 * n
                cv2.rectangle(canvas, (x, int(0.62 * rows)), (x + 3 + n % 3, int(0.84 * rows)), 255, -1)
        text(canvas, "keep dry", 0.14, 0.52, 0.05, 4)

    def lid(canvas: Image) -> None:
        text(canvas, "open", 0.30, 0.62, 0.12, 5)
        rows, columns = canvas.shape
        for n in range(12):
            cv2.line(
                canvas, (0, int(rows * (0.2 + 0.05 * n))), (int(0.12 * columns), int(rows * (0.2 + 0.05 * n))), 255, 5
            )
        cv2.arrowedLine(canvas, (int(0.3 * columns), int(0.25 * rows)), (int(0.7 * columns), int(0.25 * rows)), 255, 8)

    def right_ink(canvas: Image) -> None:
        side_ink(canvas[: canvas.shape[0] // 3])
        bars(canvas)

    def nothing(canvas: Image) -> None:
        return

    return (
        Print((460, 600), bar(0.66, 0.96), front_accent, front_ink),
        Print((460, 600), bar(0.78, 0.96), back_accent, back_ink),
        Print((280, 600), bar(0.0, 0.12), side_accent, nothing),
        Print((280, 600), bar(0.88, 1.0), nothing, right_ink),
        Print((280, 460), bar(0.46, 0.54), nothing, lid),
        Print((280, 460), bar(0.0, 0.3), nothing, side_ink),
    )
