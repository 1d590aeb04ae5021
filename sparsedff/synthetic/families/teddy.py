"""Teddy bears: a sitting bear of plush, about 19 cm tall, with the same joints as the sock monkey but no tail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.geometry import apply, transform
from sparsedff.synthetic.families.parameters import ObjectParameters, Palette
from sparsedff.synthetic.families.teddy_paint import teddy_paint
from sparsedff.synthetic.shapes.assembly import ball, limb
from sparsedff.synthetic.shapes.objects import Part, ProceduralObject

Float = NDArray[np.float64]

SIDES = (("left", 1.0), ("right", -1.0))


@dataclass(frozen=True)
class TeddyParameters(ObjectParameters):
    """A bear; front +x, left +y.

    Attributes:
        head_size, body_width, body_height, muzzle_length, ear_size, arm_length, leg_length, limb_thickness: as named,
            1 is the family's mean.
        head_yaw_rad, head_pitch_rad: the head turns to its left / looks down.
        arm_raise_rad: (left, right) the arms swing forwards and up.
        leg_spread_rad: (left, right) the legs turn outwards.
    """

    family: ClassVar[str] = "teddy"

    head_size: float = 1.0
    body_width: float = 1.0
    body_height: float = 1.0
    muzzle_length: float = 1.0
    ear_size: float = 1.0
    arm_length: float = 1.0
    leg_length: float = 1.0
    limb_thickness: float = 1.0
    head_yaw_rad: float = 0.0
    head_pitch_rad: float = 0.0
    arm_raise_rad: tuple[float, float] = (0.0, 0.0)
    leg_spread_rad: tuple[float, float] = (0.0, 0.0)
    colors: Palette = field(
        default_factory=lambda: Palette((0.36, 0.19, 0.07), (0.66, 0.50, 0.30), (0.62, 0.05, 0.07), (0.02, 0.02, 0.02))
    )


def build_teddy(parameters: TeddyParameters) -> ProceduralObject:
    """Assemble the bear: body, chest, head, muzzle, nose, eyes, ears, arms, legs."""
    p = parameters
    parts = [*_torso(p), *_head(p), *_arms(p), *_legs(p)]
    return ProceduralObject("teddy", tuple(parts), teddy_paint(p.colors))


def _torso(p: TeddyParameters) -> list[Part]:
    width, height, level = p.body_width, p.body_height, Rotation.identity()
    belly = (0.041 * width, 0.043 * width, 0.047 * height)
    chest = (0.033 * width, 0.036 * width, 0.036 * height)
    return [
        ball("body", np.array([0.0, 0.0, 0.047 * height]), belly, p.scale, 0.0, level),
        ball("chest", np.array([-0.001, 0.0, 0.083 * height]), chest, p.scale, 0.020, level),
    ]


def _head(p: TeddyParameters) -> list[Part]:
    turn = Rotation.from_euler("ZY", [p.head_yaw_rad, p.head_pitch_rad])
    size, level = p.head_size, Rotation.identity()
    head_from = transform(turn.as_matrix(), np.array([0.004, 0.0, 0.106 * p.body_height]))

    def sized(name: str, center: tuple[float, ...], radii: tuple[float, ...], blend: float, extra: Rotation) -> Part:
        place = apply(head_from, np.array([center[0], center[1], center[2] + 0.034]) * size)
        return ball(name, place, tuple(size * radius for radius in radii), p.scale, blend, turn * extra)

    snout, ear = p.muzzle_length, p.ear_size
    parts = [
        sized("head", (0, 0, 0), (0.039, 0.043, 0.039), 0.008, level),
        sized("muzzle", (0.030, 0, -0.010), (0.020 * snout, 0.021, 0.017), 0.006, level),
        sized("nose", (0.030 + 0.018 * snout, 0, -0.003), (0.0055, 0.0080, 0.0060), 0.001, level),
    ]
    for side, sign in SIDES:
        parts.append(sized(f"eye_{side}", (0.0330, sign * 0.0160, 0.0100), (0.0045, 0.0052, 0.0052), 0.001, level))
        lobe, lean = (0.0085 * ear, 0.0170 * ear, 0.0170 * ear), Rotation.from_euler("x", -0.6 * sign)
        parts.append(sized(f"ear_{side}", (-0.002, sign * 0.0310, 0.0300), lobe, 0.005, lean))
    return parts


def _arms(p: TeddyParameters) -> list[Part]:
    parts, thick = [], p.limb_thickness
    for (side, sign), lift in zip(SIDES, p.arm_raise_rad, strict=True):
        shoulder = np.array([0.002, sign * 0.030 * p.body_width, 0.093 * p.body_height])
        swing = Rotation.from_euler("y", -lift)
        elbow = shoulder + p.arm_length * swing.apply([0.014, sign * 0.034, -0.018])
        wrist = elbow + p.arm_length * swing.apply([0.028, sign * 0.014, -0.012])
        paw = wrist + 0.008 * p.arm_length * swing.apply([0.9, 0.2 * sign, -0.3])
        parts.append(limb(f"upper_arm_{side}", shoulder, elbow, (0.0185 * thick, 0.0165 * thick), p.scale, 0.008))
        parts.append(limb(f"forearm_{side}", elbow, wrist, (0.0165 * thick, 0.0155 * thick), p.scale, 0.005))
        radii = (0.0175 * thick, 0.0175 * thick, 0.0165 * thick)
        parts.append(ball(f"hand_{side}", paw, radii, p.scale, 0.005, swing))
    return parts


def _legs(p: TeddyParameters) -> list[Part]:
    parts, thick = [], p.limb_thickness
    for (side, sign), spread in zip(SIDES, p.leg_spread_rad, strict=True):
        turn = Rotation.from_euler("z", sign * (0.45 + spread))
        hip = np.array([0.014, sign * 0.026 * p.body_width, 0.024])
        knee = hip + p.leg_length * turn.apply([0.034, 0.0, 0.001])
        ankle = knee + p.leg_length * turn.apply([0.026, 0.0, -0.003])
        sole = ankle + turn.apply([0.008, 0.0, 0.010])
        parts.append(limb(f"thigh_{side}", hip, knee, (0.0240 * thick, 0.0215 * thick), p.scale, 0.010))
        parts.append(limb(f"shin_{side}", knee, ankle, (0.0215 * thick, 0.0195 * thick), p.scale, 0.005))
        radii = (0.0150 * thick, 0.0210 * thick, 0.0270 * thick)
        parts.append(ball(f"foot_{side}", sole, radii, p.scale, 0.005, turn * Rotation.from_euler("y", 0.2)))
    return parts
