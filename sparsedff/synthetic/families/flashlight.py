"""Flashlights: stood on the lens, a wide head, a knurled barrel and a cap at its end."""

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

ROUNDING_M = 0.002


@dataclass(frozen=True)
class FlashlightParameters(ObjectParameters):
    """A flashlight of about 17 cm that stands on its lens; the switch looks to +x.

    Attributes:
        head_radius, head_length: of the reflector's housing, below.
        barrel_radius, barrel_length: of the part that is held.
        cap_radius, cap_length: of the end, on top.
    """

    family: ClassVar[str] = "flashlight"

    head_radius: float = 1.0
    head_length: float = 1.0
    barrel_radius: float = 1.0
    barrel_length: float = 1.0
    cap_radius: float = 1.0
    cap_length: float = 1.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.10, 0.13, 0.20), (0.55, 0.57, 0.60), (0.85, 0.55, 0.05), (0.02, 0.02, 0.02))
    )

    def fitted(self) -> FlashlightParameters:
        """The head stays wider than the barrel, and the cap sits on it."""
        barrel = min(self.barrel_radius, 1.45 * self.head_radius)
        return replace(self, barrel_radius=barrel, cap_radius=float(np.clip(self.cap_radius, 0.8, 1.2)))


def build_flashlight(parameters: FlashlightParameters) -> ProceduralObject:
    """Barrel (canonical z: 0 at the neck to 3 at the end), head (0 lens to 3 neck) and cap (0 to 1)."""
    p, s = parameters, parameters.scale
    wide, barrel = 0.0270 * p.head_radius * s, 0.0150 * p.barrel_radius * s
    low, long = 0.040 * p.head_length * s, 0.105 * p.barrel_length * s
    head = ((0.96 * wide, 0.0), (wide, 0.20 * low), (0.96 * wide, 0.50 * low), (min(barrel, wide), low))
    tube = ((barrel, 0.0), (barrel, 0.33 * long), (barrel, 0.67 * long), (0.97 * barrel, long))
    end = 0.92 * barrel * p.cap_radius
    cap = ((end, 0.0), (0.94 * end, 0.014 * p.cap_length * s))
    parts = (
        at("barrel", Lathe(tube, ROUNDING_M, hollow=False), (0.0, 0.0, ROUNDING_M + low)),
        at("head", Lathe(head, ROUNDING_M, hollow=False), (0.0, 0.0, ROUNDING_M), 0.002),
        at("cap", Lathe(cap, ROUNDING_M, hollow=False), (0.0, 0.0, low + long + ROUNDING_M), 0.001),
    )
    return ProceduralObject("flashlight", parts, _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    named = {"barrel": _barrel, "head": _head, "cap": _cap}

    def paint(part: str, canonical: Float) -> Float:
        return np.clip(named[part](colors, canonical), 0.0, 1.0)

    return paint


def _barrel(colors: Palette, canonical: Float) -> Float:
    t, angle = canonical[:, 2], turn(canonical)
    albedo = plain(colors.base, canonical, colors.pattern_seed, 0.10)
    knurl = step(np.sin(22.0 * np.pi * angle + 16.0 * t) * np.sin(22.0 * np.pi * angle - 16.0 * t), 0.15, 0.4)
    albedo = over(albedo, colors.second, 0.6 * knurl * band(t, 0.9, 2.5, 0.05))
    # The switch in front, a stripe of warning colour that winds around, letters at the back.
    albedo = over(albedo, colors.accent, band(t - 0.55 - 0.25 * np.sin(np.pi * angle), -0.1, 0.1, 0.04))
    albedo = over(albedo, colors.second, disc(3.2 * angle, 1.6 * (t - 0.5), 0.42, 0.06))
    albedo = over(albedo, colors.accent, disc(3.2 * angle, 1.6 * (t - 0.5), 0.28, 0.06))
    back = np.mod(angle + 2.0, 2.0) - 1.0
    word = step(np.sin(18.0 * t) + np.sin(31.0 * t + 9.0 * back), 0.3, 0.3) * band(back, -0.14, 0.14, 0.02)
    albedo = over(albedo, (0.85, 0.85, 0.85), word * band(t, 1.1, 2.3, 0.04))
    return over(albedo, colors.accent, band(t, 2.70, 2.84, 0.03))


def _head(colors: Palette, canonical: Float) -> Float:
    t, angle = canonical[:, 2], turn(canonical)
    albedo = plain(colors.base, canonical, colors.pattern_seed + 1, 0.10)
    fins = step(np.sin(5.0 * np.pi * t), 0.2, 0.4) * band(t, 1.8, 2.8, 0.1)
    albedo = over(albedo, colors.second, fins * step(np.cos(np.pi * angle), -0.7, 0.2))
    albedo = over(albedo, colors.accent, band(t, 0.5, 1.2, 0.06) * step(np.cos(5.0 * np.pi * angle), 0.5, 0.3))
    lens = disc(canonical[:, 0], canonical[:, 1], 0.85, 0.03) * (1.0 - step(t, 0.0, 0.05))
    return over(albedo, (0.9, 0.9, 0.8), lens)


def _cap(colors: Palette, canonical: Float) -> Float:
    albedo = plain(colors.second, canonical, colors.pattern_seed + 2, 0.10)
    ribs = step(np.cos(14.0 * np.pi * turn(canonical)), 0.0, 0.6)
    albedo = over(albedo, colors.ink, ribs * band(canonical[:, 2], 0.1, 0.9, 0.05))
    top = disc(canonical[:, 0] - 0.2, canonical[:, 1], 0.35, 0.05) * step(canonical[:, 2], 0.95, 0.05)
    return over(albedo, colors.accent, top)
