"""Hand brushes: a wooden block over bristles, with a handle that rises behind it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.shapes.assembly import at
from sparsedff.synthetic.shapes.brush import band, disc, over
from sparsedff.synthetic.shapes.noise import fractal_noise, step
from sparsedff.synthetic.shapes.objects import Paint, ProceduralObject
from sparsedff.synthetic.shapes.round_box import RoundBox

Float = NDArray[np.float64]

_PITCH_RAD = 0.28


@dataclass(frozen=True)
class BrushParameters(ObjectParameters):
    """A hand brush of about 24 cm on its bristles; the handle points to +x and rises.

    Attributes:
        block_length, block_width: of the block and its bristles.
        bristle_length: height of the block over the table.
        handle_length, handle_width, handle_thickness: of the grip.
        handle_pitch_rad: the handle rises more than usual.
    """

    family: ClassVar[str] = "brush"

    block_length: float = 1.0
    block_width: float = 1.0
    bristle_length: float = 1.0
    handle_length: float = 1.0
    handle_width: float = 1.0
    handle_thickness: float = 1.0
    handle_pitch_rad: float = 0.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.62, 0.40, 0.18), (0.16, 0.13, 0.11), (0.08, 0.32, 0.52), (0.03, 0.03, 0.03))
    )

    def fitted(self) -> BrushParameters:
        """The handle never sinks to the table."""
        return replace(self, handle_pitch_rad=float(np.clip(self.handle_pitch_rad, -0.1, 0.35)))


def build_brush(parameters: BrushParameters) -> ProceduralObject:
    """Block, bristles below it and handle (canonical x from -1 to 1 outwards)."""
    p, s = parameters, parameters.scale
    length, width = 0.055 * p.block_length * s, 0.027 * p.block_width * s
    tall, thick = 0.019 * p.bristle_length * s, 0.0100 * s
    grip = (0.062 * p.handle_length * s, 0.0140 * p.handle_width * s, 0.0115 * p.handle_thickness * s)
    turn_up = Rotation.from_euler("y", -(_PITCH_RAD + p.handle_pitch_rad))
    root = np.array([length - 0.012 * s, 0.0, 2 * tall + 0.8 * thick])
    parts = (
        at("block", RoundBox((length, width, thick), 0.6 * thick), (0.0, 0.0, 2 * tall + thick - 0.002 * s)),
        at(
            "handle",
            RoundBox(grip, 0.95 * min(grip[1:])),
            root + turn_up.apply([grip[0], 0.0, 0.0]),
            0.008 * s,
            turn_up,
        ),
        at("bristles", RoundBox((0.92 * length, 0.88 * width, tall), 0.004 * s), (0.0, 0.0, tall), 0.001 * s),
    )
    return ProceduralObject("brush", parts, _paint(p.colors))


def _paint(colors: Palette) -> Paint:
    named = {"block": _block, "handle": _handle, "bristles": _bristles}

    def paint(part: str, canonical: Float) -> Float:
        return np.clip(named[part](colors, canonical), 0.0, 1.0)

    return paint


def _wood(colors: Palette, canonical: Float, seed: int) -> Float:
    grain = fractal_noise(canonical * (2.0, 6.0, 6.0), seed)
    return np.asarray(colors.base) * (1.0 + 0.35 * grain)[:, None]


def _block(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    albedo = _wood(colors, canonical, colors.pattern_seed)
    top = step(z, 0.5, 0.1)
    # A painted stripe along the back, tufts' holes in rows, a round mark off the middle.
    albedo = over(albedo, colors.accent, top * band(y - 0.25 * np.sin(2.4 * x), -0.30, 0.05, 0.05))
    holes = step(np.cos(16.0 * x) * np.cos(9.0 * y), 0.75, 0.15) * top * step(np.abs(y), 0.45, 0.05)
    albedo = over(albedo, colors.second, holes)
    albedo = over(albedo, (0.85, 0.82, 0.72), top * disc(1.9 * (x + 0.45), y - 0.1, 0.36, 0.05))
    albedo = over(albedo, colors.ink, top * disc(1.9 * (x + 0.45), y - 0.1, 0.18, 0.05))
    return over(albedo, colors.accent, (1.0 - step(x, -0.92, 0.04)) + band(x, 0.55, 0.66, 0.03))


def _handle(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    albedo = _wood(colors, canonical, colors.pattern_seed + 1)
    albedo = over(albedo, colors.accent, step(x, 0.52 + 0.08 * np.sin(2.0 * y), 0.03))
    albedo = over(albedo, (0.85, 0.82, 0.72), band(x, 0.38, 0.46, 0.02))
    for place in (-0.45, -0.2, 0.05):
        albedo = over(albedo, colors.second, disc(3.6 * (x - place), y + 0.2 * z, 0.28, 0.06))
    return over(albedo, colors.ink, disc(3.6 * (x - 0.82), y, 0.34, 0.06) * step(np.abs(z), 0.5, 0.1))


def _bristles(colors: Palette, canonical: Float) -> Float:
    x, _, z = canonical.T
    streak = fractal_noise(canonical * (16.0, 9.0, 1.0), colors.pattern_seed + 2)
    albedo = np.asarray(colors.second) * (1.0 + 0.5 * streak)[:, None]
    albedo = over(albedo, (0.70, 0.62, 0.42), 1.0 - step(z, -0.45 + 0.2 * np.sin(5.0 * x), 0.1))
    return over(albedo, colors.accent, band(x, -0.12, 0.12, 0.03) * step(z, -0.2, 0.1))
