"""Cooking pots: a turned shell with a straight wall and a loop on either side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.shapes.assembly import at
from sparsedff.synthetic.shapes.bent_tube import BentTube
from sparsedff.synthetic.shapes.brush import band, disc, over, plain, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import fractal_noise, step
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject

Float = NDArray[np.float64]

HALF_WALL_M = 0.0023
_HALF_ANGLE_RAD = float(np.deg2rad(75.0))


@dataclass(frozen=True)
class PotParameters(ObjectParameters):
    """A pot of about 12 cm across and 8 cm tall; its loops point to +y and -y.

    Attributes:
        radius, height: of the body.
        flare: radius of the rim to that of the wall.
        loop_size: how far the loops stand out.
        loop_thickness: of the loops.
        loop_height: where on the wall they sit.
    """

    family: ClassVar[str] = "pot"

    radius: float = 1.0
    height: float = 1.0
    flare: float = 1.0
    loop_size: float = 1.0
    loop_thickness: float = 1.0
    loop_height: float = 1.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.60, 0.12, 0.08), (0.70, 0.68, 0.62), (0.82, 0.62, 0.14), (0.05, 0.04, 0.04))
    )

    def fitted(self) -> PotParameters:
        """The loops stay below the rim and narrower than the pot."""
        return replace(
            self,
            loop_height=float(np.clip(self.loop_height, 0.7, 1.2)),
            loop_size=min(self.loop_size, 1.5 * self.radius),
        )


def build_pot(parameters: PotParameters) -> ProceduralObject:
    """Body (canonical z: 0 floor's edge, 1 foot, 2 and 3 up the wall, 4 rim) and two loops that lie level."""
    p, s = parameters, parameters.scale
    radius, height = 0.056 * p.radius * s, 0.078 * p.height * s - 2 * HALF_WALL_M
    rim = radius * (1.0 + 0.3 * (p.flare - 1.0))
    stations = (
        (0.90 * radius, 0.0),
        (radius, 0.10 * height),
        (radius, 0.45 * height),
        (0.5 * (radius + rim), 0.75 * height),
        (rim, height),
    )
    bend, thick = 0.021 * p.loop_size * s, 0.0045 * p.loop_thickness * s
    level = min(0.68 * p.loop_height * height, 0.9 * height)
    wall = float(np.interp(level, *np.asarray(stations).T[::-1]))
    # The loop's ends stand in the wall, which curves away from them.
    ends = bend * np.sin(_HALF_ANGLE_RAD)
    out = float(np.sqrt((wall + HALF_WALL_M + 0.0010) ** 2 - ends**2)) - bend * np.cos(_HALF_ANGLE_RAD)
    loops = []
    for side, angle in (("left", np.pi / 2), ("right", -np.pi / 2)):
        face = Rotation.from_euler("z", angle) * Rotation.from_euler("x", np.pi / 2)
        place = face.apply([out, HALF_WALL_M + level, 0.0])
        loops.append(at(f"loop_{side}", BentTube(bend, _HALF_ANGLE_RAD, thick, 1.3 * thick), place, 0.003, face))
    body = at("body", Lathe(stations, HALF_WALL_M, hollow=True), (0.0, 0.0, HALF_WALL_M))
    return ProceduralObject("pot", (body, *loops), _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    def paint(part: str, canonical: Float) -> Float:
        albedo = _body(colors, canonical) if part == "body" else _loop(colors, canonical, part == "loop_left")
        return np.clip(albedo, 0.0, 1.0)

    return paint


def _body(colors: Palette, canonical: Float) -> Float:
    t, rho, angle = canonical[:, 2], np.hypot(canonical[:, 0], canonical[:, 1]), turn(canonical)
    outside = plain(colors.base, canonical, colors.pattern_seed, 0.10)
    outside = over(outside, colors.ink, 1.0 - step(t, 0.9, 0.1))
    # Dots that grow around the pot, a flower at the back, a band under the rim.
    cell = np.mod(7.0 * (angle + 1.0), 2.0) - 1.0
    grow = 0.25 + 0.10 * (angle + 1.0)
    outside = over(outside, colors.second, 1.0 - step(np.hypot(cell, 1.6 * (t - 2.2)) - grow, 0.0, 0.05))
    back = np.mod(angle + 2.0, 2.0) - 1.0
    far = np.hypot(6.0 * back, 1.4 * (t - 2.3))
    petal = step(np.cos(5.0 * np.arctan2(1.4 * (t - 2.3), 6.0 * back)), -0.2, 0.3) * (1.0 - step(far, 1.1, 0.06))
    outside = over(over(outside, colors.accent, petal), colors.ink, 1.0 - step(far, 0.35, 0.05))
    outside = over(outside, colors.second, band(t, 3.30, 3.55, 0.05))
    inside = plain(colors.second, canonical, colors.pattern_seed + 1, 0.04)
    scratch = step(fractal_noise(canonical * (3.0, 40.0, 3.0), colors.pattern_seed + 2, 2), 0.4, 0.1)
    inside = over(inside, colors.ink, 0.4 * scratch)
    for n in range(3):  # a scale of litres on the wall
        mark = band(t, 1.4 + 0.7 * n, 1.52 + 0.7 * n, 0.04) * band(angle, 0.05, 0.12 + 0.04 * n, 0.005)
        inside = over(inside, colors.base, mark)
    inside = over(
        inside, colors.base, disc(canonical[:, 0] - 0.15, canonical[:, 1], 0.2, 0.03) * (1.0 - step(t, 0.2, 0.1))
    )
    albedo = over(outside, inside, 1.0 - step(rho, 1.0, 0.006))
    return over(albedo, colors.ink, step(t, 3.94, 0.04))


def _loop(colors: Palette, canonical: Float, left: bool) -> Float:
    albedo = plain(colors.ink, canonical, colors.pattern_seed + 3, 0.1)
    stripes = step(np.sin((5.0 if left else 8.0) * np.pi * canonical[:, 2]), 0.3, 0.4)
    return over(albedo, colors.accent if left else colors.second, stripes * band(canonical[:, 2], -0.7, 0.7, 0.05))
