"""Teddy bears: a sitting bear of plush, about 19 cm tall, with the same joints as the sock monkey but no tail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from scipy.spatial.transform import Rotation

from sparsedff.synthetic.families.joints import fitted_animal, turned
from sparsedff.synthetic.families.parameters import ObjectParameters, Palette, only_wide
from sparsedff.synthetic.families.plush import SIDES, Arms, Legs, Neck, Trunk
from sparsedff.synthetic.families.teddy_paint import teddy_paint
from sparsedff.synthetic.shapes.objects import Part, ProceduralObject


@dataclass(frozen=True)
class TeddyParameters(ObjectParameters):
    """A bear; front +x, left +y.

    Attributes:
        head_size, body_width, body_height, muzzle_length, ear_size, arm_length, leg_length, limb_thickness: as named,
            1 is the family's mean.
        head_yaw_rad, head_pitch_rad: the head turns to its left / looks down.
        arm_raise_rad: (left, right) the arms swing forwards and up.
        leg_spread_rad: (left, right) the legs turn outwards.
        head_roll_rad: the head leans to its right.
        arm_spread_rad, elbow_bend_rad: (left, right) the arms turn outwards, the forearms bend up.
        leg_raise_rad, knee_bend_rad: (left, right) the thighs go up, the shins down.
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
    head_roll_rad: float = only_wide(0.0)
    arm_spread_rad: tuple[float, float] = only_wide((0.0, 0.0))
    elbow_bend_rad: tuple[float, float] = only_wide((0.0, 0.0))
    leg_raise_rad: tuple[float, float] = only_wide((0.0, 0.0))
    knee_bend_rad: tuple[float, float] = only_wide((0.0, 0.0))
    colors: Palette = field(
        default_factory=lambda: Palette((0.36, 0.19, 0.07), (0.66, 0.50, 0.30), (0.62, 0.05, 0.07), (0.02, 0.02, 0.02))
    )

    def fitted(self) -> TeddyParameters:
        """Joints in their ranges and limbs clear of each other."""
        animal: TeddyParameters = fitted_animal(self, build_teddy)
        return animal


def build_teddy(parameters: TeddyParameters) -> ProceduralObject:
    """Assemble the bear: body, chest, head, muzzle, nose, eyes, ears, arms, legs."""
    p, body = parameters, (parameters.body_width, parameters.body_height)
    arms = _ARMS.parts(
        p.scale, body, p.arm_length, p.limb_thickness, p.arm_raise_rad, p.arm_spread_rad, p.elbow_bend_rad
    )
    legs = _LEGS.parts(
        p.scale, p.body_width, p.leg_length, p.limb_thickness, p.leg_spread_rad, p.leg_raise_rad, p.knee_bend_rad
    )
    parts = [*_TRUNK.parts(p.scale, *body), *_head(p), *arms, *legs]
    return ProceduralObject("teddy", tuple(parts), teddy_paint(p.colors))


_TRUNK = Trunk(
    belly_height_m=0.047,
    belly_radii=(0.041, 0.043, 0.047),
    chest_x_m=-0.001,
    chest_height_m=0.083,
    chest_radii=(0.033, 0.036, 0.036),
)
_ARMS = Arms(
    shoulder=(0.002, 0.030, 0.093),
    upper_arm=(0.014, 0.034, -0.018),
    forearm=(0.028, 0.014, -0.012),
    hand=(0.9, 0.2, -0.3),
    hand_m=0.008,
    upper_radii=(0.0185, 0.0165),
    forearm_radii=(0.0165, 0.0155),
    hand_radii=(0.0175, 0.0175, 0.0165),
    blend_m=0.005,
)
_LEGS = Legs(
    spread_rad=0.45,
    hip=(0.014, 0.026, 0.024),
    thigh=(0.034, 0.0, 0.001),
    shin=(0.026, 0.0, -0.003),
    foot=(0.008, 0.0, 0.010),
    thigh_radii=(0.0240, 0.0215),
    shin_radii=(0.0215, 0.0195),
    foot_radii=(0.0150, 0.0210, 0.0270),
    blend_m=0.005,
    foot_pitch_rad=0.2,
)


def _head(p: TeddyParameters) -> list[Part]:
    turn = turned(Rotation.from_euler("ZY", [p.head_yaw_rad, p.head_pitch_rad]), "x", p.head_roll_rad)
    neck = Neck(0.004, 0.106 * p.body_height, center_m=0.034, size=p.head_size, scale=p.scale, turn=turn)
    snout, ear = p.muzzle_length, p.ear_size
    parts = [
        neck.ball("head", (0, 0, 0), (0.039, 0.043, 0.039), 0.008),
        neck.ball("muzzle", (0.030, 0, -0.010), (0.020 * snout, 0.021, 0.017), 0.006),
        neck.ball("nose", (0.030 + 0.018 * snout, 0, -0.003), (0.0055, 0.0080, 0.0060), 0.001),
    ]
    for side, sign in SIDES:
        parts.append(neck.ball(f"eye_{side}", (0.0330, sign * 0.0160, 0.0100), (0.0045, 0.0052, 0.0052), 0.001))
        lobe, lean = (0.0085 * ear, 0.0170 * ear, 0.0170 * ear), Rotation.from_euler("x", -0.6 * sign)
        parts.append(neck.ball(f"ear_{side}", (-0.002, sign * 0.0310, 0.0300), lobe, 0.005, lean))
    return parts
