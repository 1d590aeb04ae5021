"""Bottles: a turned body with shoulder and neck, a printed label, a ribbed cap."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.shapes.assembly import at
from sparsedff.synthetic.shapes.brush import Image, Print, band, disc, over, plain, text, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import step
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject

Float = NDArray[np.float64]

ROUNDING_M = 0.003


@dataclass(frozen=True)
class BottleParameters(ObjectParameters):
    """A bottle of about 6.4 cm across and 20 cm tall; the label's front points to +x.

    Attributes:
        radius: of the body.
        body_height, shoulder_height, neck_height: of the three sections.
        neck_radius: of neck and cap.
        cap_turn_rad: how far the cap is screwed on.
    """

    family: ClassVar[str] = "bottle"

    radius: float = 1.0
    body_height: float = 1.0
    shoulder_height: float = 1.0
    neck_height: float = 1.0
    neck_radius: float = 1.0
    cap_turn_rad: float = 0.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.12, 0.26, 0.11), (0.78, 0.72, 0.55), (0.70, 0.12, 0.06), (0.05, 0.04, 0.04))
    )


def build_bottle(parameters: BottleParameters) -> ProceduralObject:
    """Body (canonical z: 0 floor, 1 to 2 straight wall, 2 to 5 shoulder, 5 to 6 neck) and cap (0 to 1)."""
    p, s = parameters, parameters.scale
    body, neck = 0.0290 * p.radius * s, 0.0115 * p.neck_radius * s
    foot, wall = 0.004 * s, 0.105 * p.body_height * s
    shoulder, throat = 0.036 * p.shoulder_height * s, 0.024 * p.neck_height * s
    stations = [(0.90 * body, 0.0), (body, foot), (body, wall)]
    for share in (1 / 3, 2 / 3, 1.0):  # a cosine from body to neck
        radius = neck + (body - neck) * 0.5 * (1.0 + np.cos(np.pi * share))
        stations.append((float(radius), wall + share * shoulder))
    top = wall + shoulder + throat
    stations.append((neck, top))
    cap = ((neck + 0.0025 * s, 0.0), (neck + 0.0020 * s, 0.020 * s))
    parts = (
        at("body", Lathe(tuple(stations), ROUNDING_M, hollow=False), (0.0, 0.0, ROUNDING_M)),
        at(
            "cap",
            Lathe(cap, 0.0015, hollow=False),
            (0.0, 0.0, top + ROUNDING_M),
            0.0015,
            Rotation.from_euler("z", p.cap_turn_rad),
        ),
    )
    return ProceduralObject("bottle", parts, _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    def paint(part: str, canonical: Float) -> Float:
        albedo = _body(colors, canonical) if part == "body" else _cap(colors, canonical)
        return np.clip(albedo, 0.0, 1.0)

    return paint


def _body(colors: Palette, canonical: Float) -> Float:
    t = canonical[:, 2]
    albedo = plain(colors.base, canonical, colors.pattern_seed, 0.15)
    u, v = 0.5 * (turn(canonical) + 1.0), (t - 1.08) / 0.84
    paper, accent, ink = _label().covers(u, v)
    wall = band(t, 1.0, 2.0, 0.02)
    albedo = over(albedo, plain(colors.second, canonical, colors.pattern_seed + 1, 0.06), paper * wall)
    albedo = over(over(albedo, colors.accent, accent * wall), colors.ink, ink * wall)
    # A smaller label on the neck and a pressed medallion on the shoulder's front.
    neck = band(t, 5.1, 5.75, 0.06)
    albedo = over(albedo, colors.accent, neck)
    albedo = over(albedo, colors.second, neck * step(np.cos(6.0 * np.pi * turn(canonical)), 0.4, 0.3))
    medal = disc(3.2 * turn(canonical), t - 3.0, 0.55, 0.08)
    albedo = over(albedo, colors.second, medal)
    return over(albedo, colors.accent, disc(3.2 * turn(canonical), t - 3.0, 0.32, 0.08))


def _cap(colors: Palette, canonical: Float) -> Float:
    albedo = plain(colors.accent, canonical, colors.pattern_seed + 2)
    rho, angle = np.hypot(canonical[:, 0], canonical[:, 1]), turn(canonical)
    ribs = step(np.cos(24.0 * np.pi * angle), 0.3, 0.8) * step(rho, 0.95, 0.05)
    albedo = over(albedo, colors.ink, 0.6 * ribs)
    star = disc(canonical[:, 0], canonical[:, 1], 0.55, 0.05) * step(np.cos(5.0 * np.pi * angle), -0.2, 0.3)
    return over(albedo, colors.second, star * step(canonical[:, 2], 0.9, 0.1))


@lru_cache(maxsize=1)
def _label() -> Print:
    """Paper, accent and ink of the label; its front, (0.5, v), looks to +x. It leaves a gap at the back."""

    def paper(canvas: Image) -> None:
        rows, columns = canvas.shape
        cv2.rectangle(canvas, (int(0.06 * columns), 0), (int(0.94 * columns), rows), 255, -1)

    def accent(canvas: Image) -> None:
        rows, columns = canvas.shape
        left, right = int(0.06 * columns), int(0.94 * columns)
        cv2.rectangle(canvas, (left, 0), (right, int(0.12 * rows)), 255, -1)
        cv2.rectangle(canvas, (left, int(0.86 * rows)), (right, int(0.93 * rows)), 255, -1)
        cv2.circle(canvas, (int(0.50 * columns), int(0.34 * rows)), int(0.14 * rows), 255, -1)
        grapes = [(0.24, 0.32), (0.22, 0.42), (0.26, 0.42), (0.24, 0.52), (0.205, 0.32), (0.275, 0.32)]
        for x, y in grapes:
            cv2.circle(canvas, (int(x * columns), int(y * rows)), int(0.045 * rows), 255, -1)
        for n in range(5):  # medals at the side, more and more of them
            cv2.circle(canvas, (int((0.70 + 0.05 * n) * columns), int((0.24 + 0.07 * n) * rows)), 10 + 4 * n, 255, -1)

    def ink(canvas: Image) -> None:
        text(canvas, "MAPLE", 0.385, 0.32, 0.14, 6)
        text(canvas, "N.7", 0.46, 0.61, 0.10, 4)
        text(canvas, "soda water", 0.41, 0.20, 0.05, 3)
        text(canvas, "cold", 0.18, 0.24, 0.10, 4)
        rows, columns = canvas.shape
        for n in range(22):  # bars of a price code
            if n * 5 % 7 < 4:
                x = int(0.72 * columns) + 9 * n
                cv2.rectangle(canvas, (x, int(0.60 * rows)), (x + 3 + n % 3, int(0.80 * rows)), 255, -1)
        for n in range(4):
            y = int((0.20 + 0.08 * n) * rows)
            cv2.line(canvas, (int(0.09 * columns), y), (int(0.16 * columns), y), 255, 4)

    return Print((1200, 520), paper, accent, ink, around=True)
