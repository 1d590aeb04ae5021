"""The plush monkey family: a sitting sock monkey, about 22 cm tall, built from ellipsoids and round cones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.joints import fitted_animal, turned
from sparsedff.synthetic.families.monkey_paint import MonkeyColors, monkey_paint
from sparsedff.synthetic.families.parameters import Parameters, only_wide
from sparsedff.synthetic.families.plush import SIDES, Arms, Legs, Neck, Trunk
from sparsedff.synthetic.shapes.assembly import limb
from sparsedff.synthetic.shapes.objects import Part, ProceduralObject


@dataclass(frozen=True)
class MonkeyParameters(Parameters):
    """Everything that tells one monkey from another.

    Attributes:
        scale: size of the whole toy; 1 is about 22 cm tall.
        head_size, body_width, body_height, muzzle_length, ear_size, arm_length, leg_length, limb_thickness,
            tail_length: proportions, 1 is the family's mean.
        head_yaw_rad, head_pitch_rad: the head turns to its left / looks down.
        arm_raise_rad: (left, right) the arms swing forwards and up from the resting pose.
        leg_spread_rad: (left, right) the legs turn outwards.
        head_roll_rad: the head leans to its right.
        arm_spread_rad, elbow_bend_rad: (left, right) the arms turn outwards, the forearms bend up.
        leg_raise_rad, knee_bend_rad: (left, right) the thighs go up, the shins down.
        tail_curl_rad: the tail sweeps to the toy's left.
        colors: the yarn and how it is knitted.

    Raises:
        ConfigError: a proportion outside 0.6 to 1.6 or an angle beyond 1 rad.
    """

    family: ClassVar[str] = "monkey"
    palette: ClassVar[type] = MonkeyColors

    scale: float = 1.0
    head_size: float = 1.0
    body_width: float = 1.0
    body_height: float = 1.0
    muzzle_length: float = 1.0
    ear_size: float = 1.0
    arm_length: float = 1.0
    leg_length: float = 1.0
    limb_thickness: float = 1.0
    tail_length: float = 1.0
    head_yaw_rad: float = 0.0
    head_pitch_rad: float = 0.0
    arm_raise_rad: tuple[float, float] = (0.0, 0.0)
    leg_spread_rad: tuple[float, float] = (0.0, 0.0)
    tail_curl_rad: float = 0.0
    head_roll_rad: float = only_wide(0.0)
    arm_spread_rad: tuple[float, float] = only_wide((0.0, 0.0))
    elbow_bend_rad: tuple[float, float] = only_wide((0.0, 0.0))
    leg_raise_rad: tuple[float, float] = only_wide((0.0, 0.0))
    knee_bend_rad: tuple[float, float] = only_wide((0.0, 0.0))
    colors: MonkeyColors = field(default_factory=MonkeyColors)

    def fitted(self) -> MonkeyParameters:
        """Joints in their ranges and limbs clear of each other."""
        animal: MonkeyParameters = fitted_animal(self, build_monkey)
        return animal


REFERENCE = MonkeyParameters(arm_raise_rad=(0.20, 0.20))
"""The monkey of the sample and of the family's demonstrations."""


def build_monkey(parameters: MonkeyParameters) -> ProceduralObject:
    """Assemble the monkey: body, head, muzzle, eyes, ears, arms, legs, tail; front +x, left +y, seat near z = 0."""
    p, body = parameters, (parameters.body_width, parameters.body_height)
    arms = _ARMS.parts(
        p.scale, body, p.arm_length, p.limb_thickness, p.arm_raise_rad, p.arm_spread_rad, p.elbow_bend_rad
    )
    legs = _LEGS.parts(
        p.scale, p.body_width, p.leg_length, p.limb_thickness, p.leg_spread_rad, p.leg_raise_rad, p.knee_bend_rad
    )
    parts = [*_TRUNK.parts(p.scale, *body), *_head(p), *arms, *legs, *_tail(p)]
    return ProceduralObject("monkey", tuple(parts), monkey_paint(p.colors))


_TRUNK = Trunk(
    belly_height_m=0.052,
    belly_radii=(0.042, 0.045, 0.050),
    chest_x_m=-0.002,
    chest_height_m=0.096,
    chest_radii=(0.032, 0.036, 0.042),
)
_ARMS = Arms(
    shoulder=(0.0, 0.033, 0.106),
    upper_arm=(0.012, 0.036, -0.034),
    forearm=(0.038, 0.006, -0.020),
    hand=(0.9, -0.2, -0.3),
    hand_m=0.012,
    upper_radii=(0.0155, 0.0130),
    forearm_radii=(0.0130, 0.0118),
    hand_radii=(0.0165, 0.0145, 0.0145),
    blend_m=0.004,
)
_LEGS = Legs(
    spread_rad=0.35,
    hip=(0.014, 0.026, 0.022),
    thigh=(0.046, 0.0, 0.004),
    shin=(0.042, 0.0, -0.008),
    foot=(0.006, 0.0, 0.010),
    thigh_radii=(0.0200, 0.0175),
    shin_radii=(0.0175, 0.0150),
    foot_radii=(0.0145, 0.0165, 0.0260),
    blend_m=0.004,
    foot_pitch_rad=0.25,
)


def _head(p: MonkeyParameters) -> list[Part]:
    turn = turned(Rotation.from_euler("ZY", [p.head_yaw_rad, p.head_pitch_rad]), "x", p.head_roll_rad)
    neck = Neck(0.0, 0.126 * p.body_height, center_m=0.038, size=p.head_size, scale=p.scale, turn=turn)
    snout, ear = p.muzzle_length, p.ear_size
    parts = [
        neck.ball("head", (0, 0, 0), (0.041, 0.044, 0.043), 0.010),
        neck.ball("muzzle", (0.030, 0, -0.014), (0.024 * snout, 0.028, 0.019), 0.008),
    ]
    for side, sign in SIDES:
        parts.append(neck.ball(f"eye_{side}", (0.0345, sign * 0.0155, 0.0125), (0.005, 0.0062, 0.0068), 0.001))
        lobe, lean = (0.007 * ear, 0.016 * ear, 0.018 * ear), Rotation.from_euler("z", -0.35 * sign)
        parts.append(neck.ball(f"ear_{side}", (-0.002, sign * (0.041 + 0.011 * ear), 0.004), lobe, 0.005, lean))
    return parts


def _tail(p: MonkeyParameters) -> list[Part]:
    sweep = Rotation.from_euler("z", -(0.5 + p.tail_curl_rad))
    joints = [np.array([-0.030 * p.body_width, 0.0, 0.020])]
    for bone in ([-0.038, 0.0, -0.006], [-0.026, -0.010, 0.014], [-0.006, -0.014, 0.030]):
        joints.append(joints[-1] + p.tail_length * sweep.apply(bone))
    radii = [0.0095 * p.limb_thickness, 0.0085 * p.limb_thickness, 0.0080 * p.limb_thickness, 0.0095 * p.limb_thickness]
    return [
        limb(f"tail_{n}", joints[n], joints[n + 1], (radii[n], radii[n + 1]), p.scale, 0.006 if n == 0 else 0.002)
        for n in range(3)
    ]
