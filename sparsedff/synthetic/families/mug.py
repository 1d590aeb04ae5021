"""Mugs: a turned shell with a bent handle, a printed picture around the outside, another glaze inside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette, only_wide
from sparsedff.synthetic.shapes.assembly import at
from sparsedff.synthetic.shapes.bent_tube import BentTube
from sparsedff.synthetic.shapes.brush import Image, Print, band, over, plain, text, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import step
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject

Float = NDArray[np.float64]

HALF_WALL_M = 0.0025  # the same in small and large mugs, as in a cupboard
_HALF_ANGLE_RAD = float(np.deg2rad(82.0))  # of the handle's arc


@dataclass(frozen=True)
class MugParameters(ObjectParameters):
    """A mug of about 8 cm across and 9.5 cm tall; the handle points to +x.

    Attributes:
        radius, height: of the body.
        flare: radius of the rim to that of the wall.
        handle_size: how far the handle stands out and how tall it is.
        handle_thickness: of the handle's strap.
        handle_lean_rad: the handle's top leans outwards.
        handle: without it the mug is a cup.
        handle_height: where on the wall the handle sits.
        handle_opening: angle of the handle's arc; above 1 it is an ear, below a shallow bow.
    """

    family: ClassVar[str] = "mug"

    radius: float = 1.0
    height: float = 1.0
    flare: float = 1.0
    handle_size: float = 1.0
    handle_thickness: float = 1.0
    handle_lean_rad: float = 0.0
    handle: bool = only_wide(True)
    handle_height: float = only_wide(1.0)
    handle_opening: float = only_wide(1.0)
    colors: Palette = field(
        default_factory=lambda: Palette((0.72, 0.68, 0.58), (0.10, 0.22, 0.42), (0.66, 0.14, 0.07), (0.04, 0.05, 0.10))
    )

    def fitted(self) -> MugParameters:
        """The handle's ends meet the wall between foot and rim."""
        opening = float(np.clip(self.handle_opening, 0.75, 1.35))
        tall = 0.095 * self.height * self.scale - 2 * HALF_WALL_M
        arc = 0.031 * self.scale * np.sin(min(_HALF_ANGLE_RAD * opening, np.pi / 2))
        size = float(min(self.handle_size, 0.42 * tall / arc))
        reach = (size * arc + 0.004) / tall  # of either end from the handle's middle, as a share of the height
        return replace(
            self,
            flare=float(np.clip(self.flare, 0.8, 1.3)),
            handle_size=size,
            handle_lean_rad=float(np.clip(self.handle_lean_rad, -0.12, 0.12)),
            handle_height=float(np.clip(0.52 * self.handle_height, reach, 1.0 - reach)) / 0.52,
            handle_opening=opening,
        )


def build_mug(parameters: MugParameters) -> ProceduralObject:
    """Body (canonical z from 0 at the floor over 1 at the foot's edge to 3 at the rim) and, if there is one, handle."""
    p = parameters
    radius, height = 0.0375 * p.radius * p.scale, 0.095 * p.height * p.scale - 2 * HALF_WALL_M
    rim = radius * (1.0 + 0.25 * (p.flare - 1.0))
    stations = ((0.86 * radius, 0.0), (radius, 0.10 * height), (0.5 * (radius + rim), 0.55 * height), (rim, height))
    bend, arc = 0.031 * p.handle_size * p.scale, _HALF_ANGLE_RAD * p.handle_opening
    handle = BentTube(bend, arc, 0.0048 * p.handle_thickness * p.scale, 0.0080 * p.handle_thickness * p.scale)
    # The ends of the arc stand in the wall but not in the cavity.
    inset = radius + HALF_WALL_M + 0.0018 - bend * np.cos(arc)
    parts = [
        at("body", Lathe(stations, HALF_WALL_M, hollow=True), (0.0, 0.0, HALF_WALL_M)),
    ]
    if p.handle:
        middle = (inset, 0.0, 0.52 * height * p.handle_height)
        parts.append(at("handle", handle, middle, 0.005, Rotation.from_euler("y", p.handle_lean_rad)))
    return ProceduralObject("mug", tuple(parts), _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    def paint(part: str, canonical: Float) -> Float:
        albedo = _body(colors, canonical) if part == "body" else _handle(colors, canonical)
        return np.clip(albedo, 0.0, 1.0)

    return paint


def _body(colors: Palette, canonical: Float) -> Float:
    t, rho = canonical[:, 2], np.hypot(canonical[:, 0], canonical[:, 1])
    outside = plain(colors.base, canonical, colors.pattern_seed)
    first, second, lines = _wrap().covers(0.5 * (turn(canonical) + 1.0), (t - 1.0) / 2.0)
    outside = over(over(outside, colors.second, first), colors.accent, second)
    outside = over(outside, colors.ink, lines)
    inside = plain(colors.second, canonical, colors.pattern_seed + 1, 0.12)
    # Glaze runs down from the rim inside; a speckled ring marks the level of a full cup.
    inside = over(inside, colors.base, band(t, 2.55, 2.68, 0.05))
    albedo = over(outside, inside, 1.0 - step(rho, 1.0, 0.01))
    albedo = over(albedo, colors.accent, step(t, 2.93, 0.03))
    return over(albedo, colors.base, 1.0 - step(t, 0.02, 0.02))


def _handle(colors: Palette, canonical: Float) -> Float:
    albedo = plain(colors.second, canonical, colors.pattern_seed + 2)
    stripe = band(canonical[:, 1], -0.22, 0.22, 0.1)
    albedo = over(albedo, colors.accent, stripe * step(np.sin(9.0 * np.pi * canonical[:, 2]), 0.0, 0.5))
    return over(albedo, colors.base, band(canonical[:, 2], 0.30, 0.42, 0.04))


@lru_cache(maxsize=1)
def _wrap() -> Print:
    """The picture around a mug: (0.5, v) looks along the handle; hills, a sun, birds and a word."""

    def hills(canvas: Image) -> None:
        rows, columns = canvas.shape
        x = np.arange(columns)
        crest = 0.70 - 0.10 * np.sin(2 * np.pi * 2 * x / columns + 0.6) - 0.07 * np.sin(2 * np.pi * 5 * x / columns)
        outline = np.stack([x, crest * rows], axis=1)
        outline = np.concatenate([outline, [[columns - 1, rows], [0, rows]]]).astype(np.int32)
        cv2.fillPoly(canvas, [outline], 255)
        for n in range(9):  # trees of different height
            foot = int((0.045 + n * 0.11) * columns)
            tall = int((0.10 + 0.03 * (n * 7 % 5)) * rows)
            top = int(crest[foot] * rows) - tall
            cv2.fillPoly(
                canvas, [np.array([[foot - 16, top + tall + 8], [foot + 16, top + tall + 8], [foot, top]])], 255
            )

    def sun(canvas: Image) -> None:
        rows, columns = canvas.shape
        center = (int(0.80 * columns), int(0.26 * rows))
        cv2.circle(canvas, center, int(0.11 * rows), 255, -1)
        for n in range(11):
            ray = np.array([np.cos(2 * np.pi * n / 11), np.sin(2 * np.pi * n / 11)])
            start, end = (np.array(center) + ray * rows * reach for reach in (0.14, 0.19))
            cv2.line(canvas, start.astype(int).tolist(), end.astype(int).tolist(), 255, 7, cv2.LINE_AA)
        cv2.ellipse(canvas, (int(0.27 * columns), int(0.84 * rows)), (60, 26), 0, 0, 360, 255, -1)

    def lines(canvas: Image) -> None:
        text(canvas, "good day", 0.13, 0.62, 0.15, 6)
        rows, columns = canvas.shape
        for x, y in ((0.62, 0.20), (0.66, 0.32), (0.58, 0.36), (0.93, 0.40), (0.05, 0.18), (0.08, 0.27)):
            for side in (-1, 1):
                center = (int(x * columns) + side * 15, int(y * rows))
                cv2.ellipse(canvas, center, (15, 9), 0, 180, 360, 255, 4, cv2.LINE_AA)
        cv2.line(canvas, (0, int(0.93 * rows)), (columns, int(0.93 * rows)), 255, 5)

    return Print((1400, 470), hills, sun, lines, around=True)
