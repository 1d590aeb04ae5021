"""Jugs: a turned shell with a belly and a neck, a tall handle, a pouring lip opposite to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.shapes.assembly import at, limb
from sparsedff.synthetic.shapes.bent_tube import BentTube
from sparsedff.synthetic.shapes.brush import band, disc, over, plain, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import step
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject

Float = NDArray[np.float64]

HALF_WALL_M = 0.0025
_HALF_ANGLE_RAD = float(np.deg2rad(80.0))


@dataclass(frozen=True)
class JugParameters(ObjectParameters):
    """A jug of about 10 cm across and 16 cm tall; the handle points to +x, the lip to -x.

    Attributes:
        belly, neck: radii of the widest place and of the rim.
        height: of the body.
        handle_size: how far the handle stands out and how tall it is.
        handle_thickness: of the handle's strap.
        handle_height: where on the body the handle sits.
        lip_length: how far the lip stands out.
    """

    family: ClassVar[str] = "jug"

    belly: float = 1.0
    neck: float = 1.0
    height: float = 1.0
    handle_size: float = 1.0
    handle_thickness: float = 1.0
    handle_height: float = 1.0
    lip_length: float = 1.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.16, 0.34, 0.30), (0.74, 0.66, 0.48), (0.78, 0.36, 0.08), (0.04, 0.06, 0.07))
    )

    def fitted(self) -> JugParameters:
        """The handle stays between foot and rim, and the neck is narrower than the belly."""
        tallest = 0.43 * _height(self) / (0.040 * np.sin(_HALF_ANGLE_RAD) * self.scale)
        return replace(
            self,
            neck=min(self.neck, 1.25 * self.belly),
            handle_size=float(min(self.handle_size, tallest)),
            handle_height=float(np.clip(self.handle_height, 0.85, 1.15)),
        )


def _height(p: JugParameters) -> float:
    return 0.155 * p.height * p.scale - 2 * HALF_WALL_M


def build_jug(parameters: JugParameters) -> ProceduralObject:
    """Body (canonical z: 0 floor, 1 foot's edge, 2 belly, 3 shoulder, 4 neck, 5 rim), handle and lip."""
    p, s, height = parameters, parameters.scale, _height(parameters)
    belly, neck = 0.047 * p.belly * s, 0.035 * p.neck * s
    stations = (
        (0.74 * belly, 0.0),
        (0.84 * belly, 0.06 * height),
        (belly, 0.34 * height),
        (0.5 * (belly + neck), 0.62 * height),
        (neck, 0.82 * height),
        (1.10 * neck, height),
    )
    bend, thick = 0.040 * p.handle_size * s, 0.0055 * p.handle_thickness * s
    # The handle's ends stand in the wall, which leans inwards between them; the upper end is the farther one in.
    middle = float(np.clip(0.55 * p.handle_height * height, 0.06 * height + bend, 0.99 * height - bend))
    levels = middle + bend * np.sin(_HALF_ANGLE_RAD) * np.array([-1.0, 1.0])
    radii, heights = np.asarray(stations).T
    low, high = np.interp(levels, heights, radii) + HALF_WALL_M + 0.0015
    lean = float(np.arctan2(low - high, levels[1] - levels[0]))
    chord = bend * np.cos(_HALF_ANGLE_RAD)
    center = np.array([0.5 * (low + high) - chord * np.cos(lean), 0.0, middle - chord * np.sin(lean) + HALF_WALL_M])
    handle = BentTube(bend, _HALF_ANGLE_RAD, thick, 1.6 * thick)
    out = 1.10 * neck + HALF_WALL_M
    lip_from = np.array([-out + 0.002, 0.0, 0.90 * height])
    lip_to = lip_from + np.array([-0.016 * p.lip_length * s, 0.0, 0.10 * height])
    parts = (
        at("body", Lathe(stations, HALF_WALL_M, hollow=True), (0.0, 0.0, HALF_WALL_M)),
        at("handle", handle, center, 0.005, Rotation.from_euler("y", -lean)),
        limb("lip", lip_from / s, lip_to / s, (0.0075, 0.0055), s, 0.006),
    )
    return ProceduralObject("jug", parts, _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    named = {"body": _body, "handle": _handle, "lip": _lip}

    def paint(part: str, canonical: Float) -> Float:
        return np.clip(named[part](colors, canonical), 0.0, 1.0)

    return paint


def _body(colors: Palette, canonical: Float) -> Float:
    t, rho, angle = canonical[:, 2], np.hypot(canonical[:, 0], canonical[:, 1]), turn(canonical)
    outside = plain(colors.base, canonical, colors.pattern_seed, 0.12)
    outside = over(outside, colors.second, 1.0 - step(t - 0.25 * np.sin(3.0 * np.pi * angle), 0.8, 0.08))
    # A wreath of leaves that grow around the belly, fruit on the left, a zigzag on the neck.
    vine = 2.3 + 0.28 * np.sin(6.0 * np.pi * angle)
    outside = over(outside, colors.second, band(t - vine, -0.06, 0.06, 0.05))
    cell = np.mod(9.0 * (angle + 1.0), 2.0) - 1.0
    leaf = disc(1.2 * cell, 2.4 * (t - vine) - 0.5 * np.sign(cell), 0.36, 0.08)
    outside = over(outside, colors.second, leaf * step(np.cos(np.pi * angle), -0.95, 0.1))
    for place in (0.32, 0.44, 0.56):
        outside = over(outside, colors.accent, disc(9.0 * (angle - place), 2.2 * (t - 1.75), 0.42, 0.06))
    outside = over(outside, colors.accent, band(t - 4.1 - 0.18 * np.abs(cell), -0.12, 0.12, 0.08))
    inside = plain(colors.second, canonical, colors.pattern_seed + 1, 0.10)
    inside = over(inside, colors.base, band(t, 4.3, 4.5, 0.08))
    albedo = over(outside, inside, 1.0 - step(rho, 1.0, 0.01))
    return over(albedo, colors.ink, step(t, 4.93, 0.04))


def _handle(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    albedo = plain(colors.second, canonical, colors.pattern_seed + 2, 0.10)
    albedo = over(albedo, colors.base, band(y, -0.3, 0.3, 0.1) * step(x, 0.2, 0.2))
    return over(albedo, colors.accent, step(np.sin(7.0 * np.pi * z + 2.0), 0.4, 0.4) * band(z, -0.8, 0.4, 0.05))


def _lip(colors: Palette, canonical: Float) -> Float:
    return over(plain(colors.base, canonical, colors.pattern_seed + 3), colors.ink, step(canonical[:, 2], 0.85, 0.1))
