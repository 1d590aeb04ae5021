"""Power drills: motor housing with vents and screws, chuck and bit, a grip with a trigger, a battery to stand on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.shapes.assembly import at, limb
from sparsedff.synthetic.shapes.brush import Image, Print, band, disc, over, plain, text, turn
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.noise import step
from sparsedff.synthetic.shapes.objects import Paint, Part, ProceduralObject
from sparsedff.synthetic.shapes.round_box import RoundBox

Float = NDArray[np.float64]

# The part frame's z axis along the object's x: turned parts lie down; their x then points down.
_FORWARD = Rotation.from_euler("y", np.pi / 2)


@dataclass(frozen=True)
class DrillParameters(ObjectParameters):
    """A cordless drill of about 20 cm height that stands on its battery; the bit points to +x.

    Attributes:
        motor_radius, motor_length: of the housing.
        chuck_size, bit_length: in front of it.
        handle_length, handle_thickness: of the grip.
        battery_size: of the foot.
        handle_lean_rad: the grip's top leans forwards.
    """

    family: ClassVar[str] = "drill"

    motor_radius: float = 1.0
    motor_length: float = 1.0
    chuck_size: float = 1.0
    bit_length: float = 1.0
    handle_length: float = 1.0
    handle_thickness: float = 1.0
    battery_size: float = 1.0
    handle_lean_rad: float = 0.0
    colors: Palette = field(
        default_factory=lambda: Palette((0.80, 0.52, 0.03), (0.06, 0.06, 0.07), (0.60, 0.06, 0.05), (0.02, 0.02, 0.02))
    )

    def fitted(self) -> DrillParameters:
        """The grip leans so little that the drill stands."""
        return replace(self, handle_lean_rad=float(np.clip(self.handle_lean_rad, -0.2, 0.2)))


def build_drill(parameters: DrillParameters) -> ProceduralObject:
    """Battery, handle (canonical z up, x forwards), trigger, motor and chuck (canonical z along the bit), bit."""
    p, s = parameters, parameters.scale
    foot = np.array([0.050, 0.033, 0.0165]) * p.battery_size * s
    half = 0.054 * p.handle_length * s
    thick = (0.0215 * p.handle_thickness * s, 0.0175 * p.handle_thickness * s)
    lean = Rotation.from_euler("y", 0.10 + p.handle_lean_rad)
    root = np.array([-0.012 * s, 0.0, 2 * foot[2] - 0.004 * s])  # where the grip leaves the battery
    grip_top = root + lean.apply([0.0, 0.0, 2 * half])
    radius, length = 0.029 * p.motor_radius * s, 0.120 * p.motor_length * s
    axle = grip_top + np.array([0.0, 0.0, 0.72 * radius])
    nose = axle + np.array([0.55 * length, 0.0, 0.0])  # the front end of the housing
    trigger = grip_top + lean.apply([thick[0] + 0.001 * s, 0.0, -0.022 * s])
    battery = at("battery", RoundBox((foot[0], foot[1], foot[2]), 0.006 * s), (0.012 * s, 0.0, foot[2]))
    handle = at("handle", RoundBox((*thick, half), 0.9 * min(thick)), root + lean.apply([0, 0, half]), 0.008 * s, lean)
    button = RoundBox((0.0075 * s, 0.0085 * s, 0.0150 * s), 0.005 * s)
    parts = (
        battery,
        handle,
        at("motor", _motor(radius, length), nose - [length, 0.0, 0.0], 0.012 * s, _FORWARD),
        at("trigger", button, trigger, 0.002 * s, lean),
        *_tool(nose, 0.019 * p.chuck_size * s, 0.048 * p.bit_length * s, s),
    )
    return ProceduralObject("drill", parts, _paint(p.colors))


def _motor(radius: float, length: float) -> Lathe:
    rounding = 0.003
    r = radius - rounding
    return Lathe(((0.78 * r, 0.0), (r, 0.14 * length), (r, 0.72 * length), (0.74 * r, length)), rounding, hollow=False)


def _tool(nose: Float, radius: float, bit_length: float, scale: float) -> tuple[Part, Part]:
    long = 1.9 * radius
    stations = ((0.92 * radius, 0.0), (radius, 0.30 * long), (0.86 * radius, 0.62 * long), (0.42 * radius, long))
    tip = nose + np.array([long + 0.003, 0.0, 0.0])
    return (
        at("chuck", Lathe(stations, 0.0015, hollow=False), nose + np.array([0.002, 0.0, 0.0]), 0.0015, _FORWARD),
        limb("bit", tip / scale, (tip + np.array([bit_length, 0.0, 0.0])) / scale, (0.0034, 0.0026), scale, 0.001),
    )


def _paint(colors: Palette) -> Paint:
    named = {
        "battery": _battery,
        "handle": _handle,
        "motor": _housing,
        "trigger": lambda c, x: over(plain(c.accent, x, c.pattern_seed), c.ink, step(np.sin(9.0 * x[:, 2]), 0.6, 0.3)),
        "chuck": _chuck,
        "bit": lambda c, x: over(
            plain((0.45, 0.46, 0.48), x, 1), c.ink, step(np.sin(40 * x[:, 2] + 3 * turn(x)), 0, 0.5)
        ),
    }

    def paint(part: str, canonical: Float) -> Float:
        return np.clip(named[part](colors, canonical), 0.0, 1.0)

    return paint


def _housing(colors: Palette, canonical: Float) -> Float:
    """`angle` is 0 below, 0.5 on the left, 1 on top (the frame's x points down)."""
    t, angle = canonical[:, 2], turn(canonical)
    albedo = plain(colors.base, canonical, colors.pattern_seed, 0.06)
    albedo = over(albedo, colors.second, 1.0 - step(t, 0.8, 0.05))  # the motor's back cover
    albedo = over(albedo, colors.second, step(t, 2.45, 0.05))
    side = np.abs(angle)
    # Vents in the back, more of them on the left; the word on both sides; a clip of screws; a mark on top.
    slots = band(t, 0.90, 1.20, 0.03) * step(np.sin(np.where(angle > 0, 42.0, 28.0) * side), 0.0, 0.4)
    albedo = over(albedo, colors.ink, slots * band(side, 0.25, 0.80, 0.02))
    u = np.where(angle > 0, 1.0, 0.0) + np.where(angle > 0, -1.0, 1.0) * (t - 1.25) / 1.0
    word, accent = _plate().covers(u, (side - 0.36) / 0.30)
    albedo = over(over(albedo, colors.accent, accent), colors.ink, word)
    for place, height in ((0.95, 0.20), (2.30, 0.22), (2.30, 0.74)):
        screw = np.hypot(2.2 * (t - place), 3.0 * (side - height))
        albedo = over(albedo, (0.5, 0.5, 0.52), 1.0 - step(screw, 0.13, 0.03))
        albedo = over(albedo, colors.ink, (1.0 - step(screw, 0.09, 0.03)) * band(side - height, -0.012, 0.012, 0.01))
    return over(albedo, colors.accent, band(t, 1.3, 2.2, 0.03) * step(side, 0.93, 0.01))


def _handle(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    albedo = plain(colors.base, canonical, colors.pattern_seed + 1, 0.06)
    # Rubber: the back and a waist, with knobs.
    rubber = np.maximum(1.0 - step(x - 0.25 * np.sin(2.2 * z), -0.15, 0.05), band(z, -0.70, 0.30, 0.04))
    albedo = over(albedo, colors.second, rubber)
    knobs = step(np.sin(16.0 * z) * np.sin(9.0 * x + 2.0), 0.3, 0.3) * band(z, -0.60, 0.20, 0.05)
    albedo = over(albedo, 2.5 * np.asarray(colors.second) + 0.03, rubber * knobs)
    for place in (-0.85, 0.62):
        albedo = over(
            albedo, (0.5, 0.5, 0.52), disc(x - 0.35, 3.0 * (z - place), 0.16, 0.04) * step(np.abs(y), 0.7, 0.1)
        )
    return over(albedo, colors.accent, band(z, -0.80, -0.72, 0.02))


def _battery(colors: Palette, canonical: Float) -> Float:
    x, y, z = canonical.T
    albedo = plain(colors.second, canonical, colors.pattern_seed + 2, 0.10)
    albedo = over(albedo, colors.base, band(z, 0.25, 0.55, 0.04) * step(np.abs(y), 0.9, 0.03))
    volts, _ = _volts().covers(0.5 + 0.5 * np.where(y > 0, -x, x), 0.5 + 0.5 * z)
    albedo = over(albedo, (0.85, 0.85, 0.85), volts * step(np.abs(y), 0.9, 0.03))
    front = step(x, 0.9, 0.03)
    albedo = over(albedo, colors.accent, front * band(y, -0.4, 0.4, 0.04) * band(z, -0.2, 0.3, 0.05))
    for n in range(4):  # the charge on the back
        lamp = band(y, -0.55 + 0.3 * n, -0.36 + 0.3 * n, 0.03) * band(z, -0.2, 0.2, 0.05)
        albedo = over(albedo, (0.1, 0.7, 0.15) if n < 3 else (0.25, 0.25, 0.25), lamp * (1.0 - step(x, -0.9, 0.03)))
    return albedo


def _chuck(colors: Palette, canonical: Float) -> Float:
    t, angle = canonical[:, 2], turn(canonical)
    albedo = plain(colors.second, canonical, colors.pattern_seed + 3, 0.1)
    albedo = over(albedo, (0.35, 0.35, 0.37), step(np.cos(18.0 * np.pi * angle), 0.2, 0.5) * band(t, 0.4, 1.9, 0.1))
    return over(albedo, (0.5, 0.5, 0.52), step(t, 2.2, 0.1))


@lru_cache(maxsize=1)
def _plate() -> Print:
    """A maker's name on a side of the housing: ink and accent."""

    def accent(canvas: Image) -> None:
        rows, columns = canvas.shape
        cv2.rectangle(canvas, (0, int(0.82 * rows)), (columns, rows), 255, -1)
        cv2.fillPoly(canvas, [np.array([[0, 0], [int(0.10 * columns), 0], [0, rows]])], 255)

    return Print((420, 160), lambda canvas: text(canvas, "TORQ 18", 0.12, 0.34, 0.36, 6), accent)


@lru_cache(maxsize=1)
def _volts() -> Print:
    return Print((420, 140), lambda canvas: text(canvas, "18 V", 0.30, 0.16, 0.30, 5), lambda canvas: None)
