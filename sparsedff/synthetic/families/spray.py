"""Spray bottles: a turned body with a waist, a collar, a head that looks forwards with a trigger under it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.shapes.assembly import at, limb
from sparsedff.synthetic.shapes.brush import band, disc, over, plain, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import step
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject
from sparsedff.synthetic.shapes.round_box import RoundBox

Float = NDArray[np.float64]

ROUNDING_M = 0.003
_FORWARD = Rotation.from_euler("y", np.pi / 2)  # the part frame's z axis along the object's x


@dataclass(frozen=True)
class SprayParameters(ObjectParameters):
    """A spray bottle of about 6.5 cm across and 21 cm tall; the nozzle points to +x.

    Attributes:
        radius, body_height: of the body.
        waist: radius of the waist to that of the body.
        neck_height: of the shoulder and neck.
        head_length, head_height: of the spray head.
        nozzle_length: in front of it.
        trigger_length: below it.
        head_turn_rad: how far the head is screwed on.
    """

    family: ClassVar[str] = "spray"

    radius: float = 1.0
    body_height: float = 1.0
    waist: float = 1.0
    neck_height: float = 1.0
    head_length: float = 1.0
    head_height: float = 1.0
    nozzle_length: float = 1.0
    trigger_length: float = 1.0
    head_turn_rad: float = 0.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.76, 0.78, 0.80), (0.08, 0.30, 0.52), (0.80, 0.20, 0.10), (0.04, 0.05, 0.07))
    )

    def fitted(self) -> SprayParameters:
        """The waist is no wider than the body."""
        return replace(self, waist=min(self.waist, 1.15))


def build_spray(parameters: SprayParameters) -> ProceduralObject:
    """Body (canonical z: 0 floor, 1 foot, 2 waist, 3 top of the wall, 4 shoulder, 5 neck), head, nozzle, trigger."""
    p, s = parameters, parameters.scale
    body, tall, throat = 0.0300 * p.radius * s, 0.110 * p.body_height * s, 0.046 * p.neck_height * s
    stations = (
        (0.92 * body, 0.0),
        (body, 0.06 * tall),
        (0.86 * body * p.waist, 0.62 * tall),
        (0.94 * body, 0.86 * tall),
        (0.014 * s, tall + 0.5 * throat),
        (0.012 * s, tall + throat),
    )
    half = np.array([0.030 * p.head_length, 0.0125, 0.0135 * p.head_height]) * s
    face = Rotation.from_euler("z", p.head_turn_rad)
    top = np.array([0.0, 0.0, tall + throat + ROUNDING_M + 0.9 * half[2]])
    center = top + face.apply([0.35 * half[0], 0.0, 0.0])
    nose = center + face.apply([half[0] - 0.002 * s, 0.0, 0.25 * half[2]])
    spout = ((0.0078 * s, 0.0), (0.0062 * s, 0.014 * p.nozzle_length * s))
    pull = center + face.apply([0.62 * half[0], 0.0, -0.8 * half[2]])
    end = pull + face.apply(np.array([0.012, 0.0, -0.030]) * p.trigger_length * s)
    parts = (
        at("body", Lathe(stations, ROUNDING_M, hollow=False), (0.0, 0.0, ROUNDING_M)),
        at("head", RoundBox((half[0], half[1], half[2]), 0.5 * min(half)), center, 0.003, face),
        at("nozzle", Lathe(spout, 0.0015, hollow=False), nose, 0.001, face * _FORWARD),
        limb("trigger", pull / s, end / s, (0.0050, 0.0042), s, 0.002),
    )
    return ProceduralObject("spray", parts, _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    named = {"body": _body, "head": _head, "nozzle": _nozzle, "trigger": _trigger}

    def paint(part: str, canonical: Float) -> Float:
        return np.clip(named[part](colors, canonical), 0.0, 1.0)

    return paint


def _body(colors: Palette, canonical: Float) -> Float:
    t, angle = canonical[:, 2], turn(canonical)
    albedo = plain(colors.base, canonical, colors.pattern_seed, 0.06)
    wave = 1.25 + 0.18 * np.sin(4.0 * np.pi * angle)
    albedo = over(albedo, colors.second, band(t, 1.04, 3.0, 0.03) * (1.0 - step(t - wave, 0.0, 0.03)))
    # A sticker in front with bubbles, small print behind, a level line on the left.
    albedo = over(albedo, colors.second, disc(2.6 * angle, 1.5 * (t - 2.15), 0.95, 0.04))
    albedo = over(albedo, colors.accent, disc(2.6 * angle, 1.5 * (t - 2.15), 0.78, 0.04))
    for place, height, size in ((-0.12, 2.3, 0.22), (0.05, 2.0, 0.30), (0.16, 2.38, 0.14)):
        albedo = over(albedo, (0.9, 0.92, 0.95), disc(2.6 * (angle - place), 1.5 * (t - height), size, 0.04))
    back = np.mod(angle + 2.0, 2.0) - 1.0
    rows = step(np.sin(34.0 * t), 0.2, 0.4) * step(np.sin(47.0 * back + 5.0 * np.floor(34.0 * t / 6.283)), -0.4, 0.4)
    albedo = over(albedo, colors.ink, rows * band(back, -0.28, 0.28, 0.02) * band(t, 1.45, 2.6, 0.02))
    albedo = over(albedo, colors.ink, band(angle, 0.48, 0.51, 0.01) * band(t, 1.3, 2.8, 0.02))
    return over(albedo, colors.accent, step(t, 3.9, 0.05) * step(np.cos(16.0 * np.pi * angle), -0.2, 0.5))


def _head(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    albedo = plain(colors.accent, canonical, colors.pattern_seed + 1, 0.08)
    albedo = over(albedo, colors.base, band(x + 0.3 * z, -0.5, -0.2, 0.05))
    ribs = step(np.sin(18.0 * x), 0.2, 0.3) * band(x, 0.05, 0.75, 0.04) * step(z, 0.6, 0.1)
    albedo = over(albedo, colors.ink, ribs)
    return over(albedo, colors.second, disc(2.4 * (x + 0.65), z, 0.5, 0.05) * step(np.abs(y), 0.8, 0.1))


def _nozzle(colors: Palette, canonical: Float) -> Float:
    albedo = plain(colors.base, canonical, colors.pattern_seed + 2, 0.08)
    return over(albedo, colors.ink, step(np.cos(8.0 * np.pi * turn(canonical)), 0.2, 0.5))


def _trigger(colors: Palette, canonical: Float) -> Float:
    albedo = plain(colors.second, canonical, colors.pattern_seed + 3, 0.08)
    return over(albedo, colors.base, step(np.sin(16.0 * canonical[:, 2]), 0.4, 0.4))
