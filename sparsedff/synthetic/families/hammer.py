"""Hammers: stood on the head, the handle upright; a steel head with a face in front and a claw at the back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette, only_wide
from sparsedff.synthetic.shapes.assembly import at, limb
from sparsedff.synthetic.shapes.brush import band, disc, over, plain, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import fractal_noise, step
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject
from sparsedff.synthetic.shapes.round_box import RoundBox

Float = NDArray[np.float64]

_FORWARD = Rotation.from_euler("y", np.pi / 2)  # the part frame's z axis along the object's x


@dataclass(frozen=True)
class HammerParameters(ObjectParameters):
    """A hammer of about 20 cm that stands on its head, handle up; the face points to +x.

    Attributes:
        head_length, head_width: of the steel block.
        face_size: of the round face in front of it.
        claw_length: of the claw behind it.
        handle_length, handle_width, handle_thickness: of the handle, wide along x.
        handle_lean_rad: the handle's top leans forwards.
        claw: without it the head is a mallet's.
    """

    family: ClassVar[str] = "hammer"

    head_length: float = 1.0
    head_width: float = 1.0
    face_size: float = 1.0
    claw_length: float = 1.0
    handle_length: float = 1.0
    handle_width: float = 1.0
    handle_thickness: float = 1.0
    handle_lean_rad: float = 0.0
    claw: bool = only_wide(True)
    colors: Palette = field(
        default_factory=lambda: Palette((0.42, 0.43, 0.45), (0.58, 0.36, 0.16), (0.66, 0.08, 0.06), (0.03, 0.03, 0.035))
    )

    def fitted(self) -> HammerParameters:
        """The handle leans so little that the hammer stands, and is thinner than the head."""
        return replace(
            self,
            handle_lean_rad=float(np.clip(self.handle_lean_rad, -0.15, 0.15)),
            handle_thickness=min(self.handle_thickness, 1.2 * self.head_width),
        )


def build_hammer(parameters: HammerParameters) -> ProceduralObject:
    """Head, handle (canonical z from -1 to 1 upwards), face (z outwards) and, if there is one, claw."""
    p, s = parameters, parameters.scale
    half = np.array([0.030 * p.head_length, 0.020 * p.head_width, 0.017 * p.head_width]) * s
    grip = (0.0165 * p.handle_width * s, 0.0130 * p.handle_thickness * s, 0.080 * p.handle_length * s)
    lean = Rotation.from_euler("y", p.handle_lean_rad)
    root = np.array([0.0, 0.0, 1.6 * half[2]])
    radius = 0.0150 * p.face_size * min(s, half[2] / 0.0165)
    face = ((0.80 * radius, 0.0), (0.80 * radius, 0.010 * s), (radius, 0.014 * s), (radius, 0.026 * s))
    back, middle = -half[0] + 0.006 * s, np.array([0.0, 0.0, half[2]])
    front = np.array([half[0] - 0.002, 0.0, half[2]])
    parts = [
        at("head", RoundBox((half[0], half[1], half[2]), 0.25 * half[2]), middle),
        at("handle", RoundBox(grip, 0.9 * min(grip)), root + lean.apply([0.0, 0.0, grip[2]]), 0.003 * s, lean),
        at("face", Lathe(face, 0.0015, hollow=False), front, 0.002 * s, _FORWARD),
    ]
    if p.claw:
        start = np.array([back, 0.0, half[2]])
        end = start + np.array([-0.040 * p.claw_length * s, 0.0, 0.10 * half[2]])
        ends = (0.80 * half[2] / s, 0.0055)
        parts.append(limb("claw", start / s, end / s, ends, s, 0.004))
    return ProceduralObject("hammer", tuple(parts), _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    named = {"head": _head, "handle": _handle, "face": _face, "claw": _claw}

    def paint(part: str, canonical: Float) -> Float:
        return np.clip(named[part](colors, canonical), 0.0, 1.0)

    return paint


def _head(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    albedo = plain(colors.base, canonical, colors.pattern_seed, 0.15)
    side = step(np.abs(y), 0.9, 0.05)
    albedo = over(albedo, colors.accent, side * band(x, -0.55, 0.35, 0.04) * band(z, -0.5, 0.5, 0.06))
    letters = step(np.sin(14.0 * x) * np.cos(3.0 * z), 0.3, 0.2) * band(x, -0.45, 0.20, 0.04)
    albedo = over(albedo, (0.85, 0.85, 0.82), side * letters * band(z, -0.3, 0.3, 0.06))
    return over(albedo, colors.ink, band(x, 0.62, 0.76, 0.04))


def _handle(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    grain = fractal_noise(canonical * (6.0, 6.0, 2.5), colors.pattern_seed + 1)
    albedo = np.asarray(colors.second) * (1.0 + 0.40 * grain)[:, None]
    # Rubber on the upper half with rings, a red band below it, a maker's dot in front and a hole near the end.
    rubber = step(z, -0.25 + 0.12 * np.sin(2.5 * x), 0.03)
    albedo = over(albedo, colors.ink, rubber)
    rings = step(np.sin(26.0 * z), 0.35, 0.3) * band(z, -0.05, 0.70, 0.03) * step(np.abs(y), 0.35, 0.2)
    albedo = over(albedo, colors.accent, rings)
    albedo = over(albedo, colors.accent, band(z, -0.42, -0.34, 0.02))
    albedo = over(albedo, (0.8, 0.78, 0.7), disc(y, 5.0 * (z + 0.6), 0.45, 0.08) * step(x, 0.4, 0.1))
    return over(albedo, colors.base, disc(1.2 * x, 5.0 * (z - 0.85), 0.42, 0.08) * step(np.abs(y), 0.4, 0.1))


def _face(colors: Palette, canonical: Float) -> Float:
    t = canonical[:, 2]
    albedo = plain(colors.base, canonical, colors.pattern_seed + 2, 0.15)
    albedo = over(albedo, colors.ink, band(t, 1.0, 1.6, 0.1) * step(np.cos(6.0 * np.pi * turn(canonical)), -0.3, 0.3))
    return over(albedo, (0.75, 0.76, 0.78), step(t, 2.9, 0.05))


def _claw(colors: Palette, canonical: Float) -> Float:
    albedo = plain(colors.base, canonical, colors.pattern_seed + 3, 0.15)
    return over(albedo, colors.ink, band(canonical[:, 1], -0.2, 0.2, 0.1) * step(canonical[:, 2], 0.3, 0.1))
