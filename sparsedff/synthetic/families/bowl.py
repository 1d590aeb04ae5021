"""Bowls: a turned shell on a foot, a painted rim, motifs around the outside and a flower inside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.shapes.assembly import at
from sparsedff.synthetic.shapes.brush import band, disc, over, plain, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import step
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject

Float = NDArray[np.float64]

HALF_WALL_M = 0.0025
STATIONS = 7
_MOTIFS = 7  # around the outside; each is another one


@dataclass(frozen=True)
class BowlParameters(ObjectParameters):
    """A rice bowl of about 12 cm across and 6.5 cm tall.

    Attributes:
        radius, height: of the rim.
        foot: radius of the foot.
        fullness: below 1 the wall is straight like a funnel's, above 1 it bulges.
    """

    family: ClassVar[str] = "bowl"

    radius: float = 1.0
    height: float = 1.0
    foot: float = 1.0
    fullness: float = 1.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.70, 0.72, 0.70), (0.10, 0.28, 0.50), (0.74, 0.32, 0.06), (0.05, 0.07, 0.14))
    )

    def fitted(self) -> BowlParameters:
        """The foot is narrower than the rim."""
        return replace(self, foot=min(self.foot, 1.6 * self.radius))


def build_bowl(parameters: BowlParameters) -> ProceduralObject:
    """Body (canonical z from 0 at the floor's edge to 6 at the rim) and foot."""
    p, s = parameters, parameters.scale
    rim, foot = 0.058 * p.radius * s, 0.027 * p.foot * s
    height = 0.058 * p.height * s
    power = 0.55 / p.fullness  # radius grows as this power of the height
    share = np.linspace(0.0, 1.0, STATIONS) ** 1.4  # closer together where the wall bends
    radius = foot + (rim - foot) * share**power
    stations = tuple((float(r), float(z)) for r, z in zip(radius, height * share, strict=True))
    parts = (
        at("body", Lathe(stations, HALF_WALL_M, hollow=True), (0.0, 0.0, 0.005 * s + HALF_WALL_M)),
        at("foot", Lathe(((0.96 * foot, 0.0), (foot, 0.005 * s)), 0.0015, hollow=False), (0.0, 0.0, 0.0015), 0.003),
    )
    return ProceduralObject("bowl", parts, _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    def paint(part: str, canonical: Float) -> Float:
        if part == "foot":
            return np.clip(plain(colors.second, canonical, colors.pattern_seed, 0.15), 0.0, 1.0)
        return np.clip(_body(colors, canonical), 0.0, 1.0)

    return paint


def _body(colors: Palette, canonical: Float) -> Float:
    t, rho, angle = canonical[:, 2], np.hypot(canonical[:, 0], canonical[:, 1]), turn(canonical)
    outside = plain(colors.base, canonical, colors.pattern_seed, 0.08)
    cell = np.floor(0.5 * (angle + 1.0) * _MOTIFS)
    u = (0.5 * (angle + 1.0) * _MOTIFS - cell - 0.5) * 2.0
    v = (t - 3.6) / 1.4
    ring = disc(u, v, 0.62, 0.06) * (1.0 - disc(u, v, 0.34, 0.06) * step(np.mod(cell, 3), 0.5, 0.1))
    cross = np.maximum(band(u, -0.14, 0.14, 0.05), band(v, -0.14, 0.14, 0.05)) * disc(u, v, 0.8, 0.05)
    outside = over(outside, colors.second, np.where(np.mod(cell, 2) > 0.5, cross, ring))
    outside = over(outside, colors.accent, disc(u, v, 0.22, 0.05) * step(cell, 3.5, 0.1))
    outside = over(outside, colors.second, band(t, 0.9, 1.3, 0.08))
    inside = _inside(colors, canonical, t, rho, angle)
    albedo = over(outside, inside, 1.0 - step(rho, 1.0, 0.008))
    albedo = over(albedo, colors.second, step(t, 5.62, 0.05))
    return over(albedo, colors.accent, step(t, 5.9, 0.04))


def _inside(colors: Palette, canonical: Float, t: Float, rho: Float, angle: Float) -> Float:
    albedo = plain(colors.base, canonical, colors.pattern_seed + 1, 0.06)
    petals = step(np.cos(5.0 * np.pi * angle), -0.35, 0.25) * band(rho, 0.32, 0.92, 0.06) * (1.0 - step(t, 0.6, 0.2))
    albedo = over(albedo, colors.accent, petals)
    albedo = over(albedo, colors.ink, disc(canonical[:, 0], canonical[:, 1], 0.26, 0.05) * (1.0 - step(t, 0.6, 0.2)))
    vine = 4.2 + 0.45 * np.sin(9.0 * np.pi * angle) + 0.3 * np.sin(2.0 * np.pi * angle)
    albedo = over(albedo, colors.second, band(t - vine, -0.22, 0.22, 0.1))
    # One leaf marks the front, or all turns would look alike from above.
    return over(albedo, colors.accent, disc(5.0 * angle, t - 3.1, 0.55, 0.1))
