"""Pans: a turned shell of metal with a long handle, riveted on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette, only_wide
from sparsedff.synthetic.shapes.assembly import at
from sparsedff.synthetic.shapes.bent_tube import BentTube
from sparsedff.synthetic.shapes.brush import band, disc, over, plain, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import fractal_noise, step
from sparsedff.synthetic.shapes.objects import Paint, Part, ProceduralObject
from sparsedff.synthetic.shapes.round_box import RoundBox

Float = NDArray[np.float64]

HALF_WALL_M = 0.0022
_PITCH_RAD = 0.30  # handles rise, so that fingers fit under them


@dataclass(frozen=True)
class PanParameters(ObjectParameters):
    """A small pan of about 14 cm across; its handle points to +x and rises.

    Attributes:
        radius, depth: of the dish.
        handle_length, handle_width, handle_thickness: of the grip.
        handle_pitch_rad: the handle rises more than usual.
        handle_height: where on the wall the handle sits.
        helper: a second handle, a loop opposite to the long one.
    """

    family: ClassVar[str] = "pan"

    radius: float = 1.0
    depth: float = 1.0
    handle_length: float = 1.0
    handle_width: float = 1.0
    handle_thickness: float = 1.0
    handle_pitch_rad: float = 0.0
    handle_height: float = only_wide(1.0)
    helper: bool = only_wide(False)
    colors: Palette = field(
        default_factory=lambda: Palette((0.30, 0.31, 0.33), (0.13, 0.07, 0.04), (0.60, 0.09, 0.05), (0.03, 0.03, 0.03))
    )

    def fitted(self) -> PanParameters:
        """The handle meets the wall and stays over the table."""
        return replace(
            self,
            handle_pitch_rad=float(np.clip(self.handle_pitch_rad, -0.12, 0.3)),
            handle_height=float(np.clip(self.handle_height, 0.7, 1.25)),
        )


def build_pan(parameters: PanParameters) -> ProceduralObject:
    """Body (canonical z: 0 floor's edge, 1 and 2 up the wall, 3 rim), bracket and handle (x from -1 to 1 outwards), and
    the helper if there is one.
    """
    p, s = parameters, parameters.scale
    rim, depth = 0.070 * p.radius * s, 0.036 * p.depth * s
    stations = ((0.80 * rim, 0.0), (0.90 * rim, 0.22 * depth), (0.95 * rim, 0.60 * depth), (rim, depth))
    turn_up = Rotation.from_euler("y", -(_PITCH_RAD + p.handle_pitch_rad))
    root = np.array([0.985 * rim + HALF_WALL_M, 0.0, HALF_WALL_M + 0.72 * depth * p.handle_height])
    neck, half = 0.016 * s, 0.066 * p.handle_length * s
    grip = (half, 0.0135 * p.handle_width * s, 0.0115 * p.handle_thickness * s)
    bracket = (neck, 0.0095 * p.handle_width * s, 0.0045 * p.handle_thickness * s)
    parts = [
        at("body", Lathe(stations, HALF_WALL_M, hollow=True), (0.0, 0.0, HALF_WALL_M)),
        at(
            "bracket",
            RoundBox(bracket, 0.9 * min(bracket[1:])),
            root + turn_up.apply([neck - 0.004, 0.0, 0.0]),
            0.003,
            turn_up,
        ),
        at(
            "handle",
            RoundBox(grip, 0.95 * min(grip[1:])),
            root + turn_up.apply([neck + half, 0.0, 0.0]),
            0.004,
            turn_up,
        ),
    ]
    if p.helper:
        parts.append(_helper(stations, s))
    return ProceduralObject("pan", tuple(parts), _paint(p.colors))


def _helper(stations: tuple[tuple[float, float], ...], scale: float) -> Part:
    """A loop that lies level at the back; its ends stand in the wall, which curves away from them."""
    level, bend = 0.7 * stations[-1][1], 0.022 * scale
    wall = float(np.interp(level, *np.asarray(stations).T[::-1])) + HALF_WALL_M + 0.001
    out = float(np.sqrt(wall**2 - (bend * np.sin(1.3)) ** 2)) - bend * np.cos(1.3)
    face = Rotation.from_euler("z", np.pi) * Rotation.from_euler("x", np.pi / 2)
    loop = BentTube(bend, 1.3, 0.0045 * scale, 0.0055 * scale)
    return at("helper", loop, (-out, 0.0, HALF_WALL_M + level), 0.003, face)


def _paint(colors: Palette) -> Paint:
    named = {"body": _body, "bracket": _bracket, "handle": _handle, "helper": _bracket}

    def paint(part: str, canonical: Float) -> Float:
        return np.clip(named[part](colors, canonical), 0.0, 1.0)

    return paint


def _body(colors: Palette, canonical: Float) -> Float:
    t, rho, angle = canonical[:, 2], np.hypot(canonical[:, 0], canonical[:, 1]), turn(canonical)
    outside = plain(colors.accent, canonical, colors.pattern_seed, 0.06)
    outside = over(outside, colors.base, 1.0 - step(t, 0.35, 0.1))  # bare metal below
    outside = over(outside, colors.ink, band(t, 1.6, 1.85, 0.08) * step(np.cos(16.0 * np.pi * angle), 0.0, 0.4))
    inside = plain(0.6 * np.asarray(colors.base), canonical, colors.pattern_seed + 1, 0.03)  # type: ignore[arg-type]
    # Turned rings, a printed mark in the middle and scratches of use.
    inside = over(inside, colors.base, 0.35 * step(np.sin(60.0 * rho), 0.5, 0.6))
    mark = disc(canonical[:, 0], canonical[:, 1], 0.22, 0.03) * (1.0 - step(t, 0.3, 0.1))
    inside = over(inside, colors.accent, mark)
    inside = over(inside, (0.8, 0.8, 0.8), mark * disc(canonical[:, 0] - 0.05, canonical[:, 1] - 0.03, 0.09, 0.03))
    ticks = band(t, 1.2, 2.4, 0.1) * band(angle, 0.10, 0.115, 0.005)
    for n in range(1, 4):  # a scale on the wall: longer and longer ticks
        ticks = np.maximum(
            ticks, band(t, 1.0 + 0.4 * n, 1.12 + 0.4 * n, 0.05) * band(angle, 0.1, 0.13 + 0.03 * n, 0.005)
        )
    inside = over(inside, (0.75, 0.75, 0.75), ticks)
    scratch = step(fractal_noise(canonical * (3.0, 40.0, 3.0), colors.pattern_seed + 2, 2), 0.45, 0.1)
    inside = over(inside, colors.base, 0.5 * scratch)
    albedo = over(outside, inside, 1.0 - step(rho, 1.0, 0.006))
    return over(albedo, colors.base, step(t, 2.93, 0.04))


def _bracket(colors: Palette, canonical: Float) -> Float:
    albedo = plain(colors.base, canonical, colors.pattern_seed + 3, 0.1)
    rivets = disc(canonical[:, 0] + 0.1, np.abs(canonical[:, 1]) - 0.45, 0.25, 0.1)
    return over(albedo, colors.ink, rivets)


def _handle(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    grain = fractal_noise(canonical * (2.0, 7.0, 7.0), colors.pattern_seed + 4)
    albedo = np.asarray(colors.second) * (1.0 + 0.45 * grain)[:, None]
    albedo = over(albedo, colors.base, band(x, -0.96, -0.78, 0.02))
    for place in (-0.55, 0.05, 0.55):
        albedo = over(albedo, colors.base, disc(2.4 * (x - place), y, 0.22, 0.05) * step(np.abs(z), 0.5, 0.1))
    hole = disc(2.4 * (x - 0.84), y, 0.34, 0.05) * step(np.abs(z), 0.5, 0.1)
    albedo = over(albedo, colors.accent, hole)
    return over(albedo, colors.ink, disc(2.4 * (x - 0.84), y, 0.22, 0.05) * step(np.abs(z), 0.5, 0.1))
