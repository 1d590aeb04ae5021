"""The plush monkey family: a sitting sock monkey, about 22 cm tall, built from ellipsoids and round cones."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.errors import ConfigError
from sparsedff.geometry import apply, transform
from sparsedff.synthetic.families.monkey_paint import MonkeyColors, monkey_paint
from sparsedff.synthetic.shapes.assembly import ball, limb
from sparsedff.synthetic.shapes.objects import Part, ProceduralObject

Float = NDArray[np.float64]

SIDES = (("left", 1.0), ("right", -1.0))
_RATIO = (0.6, 1.6)  # proportions beyond this no longer make a monkey that sits


@dataclass(frozen=True)
class MonkeyParameters:
    """Everything that tells one monkey from another.

    Attributes:
        scale: size of the whole toy; 1 is about 22 cm tall.
        head_size, body_width, body_height, muzzle_length, ear_size, arm_length, leg_length, limb_thickness,
            tail_length: proportions, 1 is the family's mean.
        head_yaw_rad, head_pitch_rad: the head turns to its left / looks down.
        arm_raise_rad: (left, right) the arms swing forwards and up from the resting pose.
        leg_spread_rad: (left, right) the legs turn outwards.
        tail_curl_rad: the tail sweeps to the toy's left.
        colors: the yarn and how it is knitted.

    Raises:
        ConfigError: a proportion outside 0.6 to 1.6 or an angle beyond 1 rad.
    """

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
    colors: MonkeyColors = field(default_factory=MonkeyColors)

    def __post_init__(self) -> None:
        for entry in fields(self):
            if entry.name == "colors":
                continue
            angle = entry.name.endswith("_rad")
            low, high = (-1.0, 1.0) if angle else _RATIO
            values = np.atleast_1d(np.asarray(getattr(self, entry.name), dtype=np.float64))
            if not np.all((values >= low) & (values <= high)):
                raise ConfigError(f"monkey: {entry.name} must lie in [{low}, {high}], got {values.tolist()}")

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, lists and names; `from_json` gives the same parameters back."""
        return asdict(self)

    @classmethod
    def from_json(cls, entries: dict[str, Any]) -> MonkeyParameters:
        """Parameters from what `to_json` wrote."""
        colors = MonkeyColors(**_tuples(entries["colors"]))
        return cls(**{**_tuples(entries), "colors": colors})


def _tuples(entries: dict[str, Any]) -> dict[str, Any]:
    """JSON knows only lists; parameters are tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entries.items()}


def build_monkey(parameters: MonkeyParameters) -> ProceduralObject:
    """Assemble the monkey: body, head, muzzle, eyes, ears, arms, legs, tail; front +x, left +y, seat near z = 0."""
    p = parameters
    parts = [*_torso(p), *_head(p), *_arms(p), *_legs(p), *_tail(p)]
    return ProceduralObject("monkey", tuple(parts), monkey_paint(p.colors))


def _torso(p: MonkeyParameters) -> list[Part]:
    width, height = p.body_width, p.body_height
    level = Rotation.identity()
    belly = (0.042 * width, 0.045 * width, 0.050 * height)
    chest = (0.032 * width, 0.036 * width, 0.042 * height)
    return [
        ball("body", np.array([0.0, 0.0, 0.052 * height]), belly, p.scale, 0.0, level),
        ball("chest", np.array([-0.002, 0.0, 0.096 * height]), chest, p.scale, 0.02, level),
    ]


def _head(p: MonkeyParameters) -> list[Part]:
    turn = Rotation.from_euler("ZY", [p.head_yaw_rad, p.head_pitch_rad])
    size = p.head_size
    neck = np.array([0.0, 0.0, 0.126 * p.body_height])
    head_from = transform(turn.as_matrix(), neck)

    def at(x: float, y: float, z: float) -> Float:
        return apply(head_from, np.array([x, y, z + 0.038]) * size)

    def sized(name: str, center: Float, radii: tuple[float, ...], blend: float, extra: Rotation) -> Part:
        return ball(name, center, tuple(size * radius for radius in radii), p.scale, blend, turn * extra)

    level, snout, ear = Rotation.identity(), p.muzzle_length, p.ear_size
    parts = [
        sized("head", at(0, 0, 0), (0.041, 0.044, 0.043), 0.010, level),
        sized("muzzle", at(0.030, 0, -0.014), (0.024 * snout, 0.028, 0.019), 0.008, level),
    ]
    for side, sign in SIDES:
        parts.append(sized(f"eye_{side}", at(0.0345, sign * 0.0155, 0.0125), (0.005, 0.0062, 0.0068), 0.001, level))
        lobe = (0.007 * ear, 0.016 * ear, 0.018 * ear)
        lean = Rotation.from_euler("z", -0.35 * sign)
        parts.append(sized(f"ear_{side}", at(-0.002, sign * (0.041 + 0.011 * ear), 0.004), lobe, 0.005, lean))
    return parts


def _arms(p: MonkeyParameters) -> list[Part]:
    parts, thick = [], p.limb_thickness
    for (side, sign), lift in zip(SIDES, p.arm_raise_rad, strict=True):
        shoulder = np.array([0.0, sign * 0.033 * p.body_width, 0.106 * p.body_height])
        swing = Rotation.from_euler("y", -lift)
        elbow = shoulder + p.arm_length * swing.apply([0.012, sign * 0.036, -0.034])
        wrist = elbow + p.arm_length * swing.apply([0.038, sign * 0.006, -0.020])
        hand = wrist + 0.012 * p.arm_length * swing.apply([0.9, -0.2 * sign, -0.3])
        parts.append(limb(f"upper_arm_{side}", shoulder, elbow, (0.0155 * thick, 0.0130 * thick), p.scale, 0.008))
        parts.append(limb(f"forearm_{side}", elbow, wrist, (0.0130 * thick, 0.0118 * thick), p.scale, 0.004))
        radii = (0.0165 * thick, 0.0145 * thick, 0.0145 * thick)
        parts.append(ball(f"hand_{side}", hand, radii, p.scale, 0.004, swing))
    return parts


def _legs(p: MonkeyParameters) -> list[Part]:
    parts, thick = [], p.limb_thickness
    for (side, sign), spread in zip(SIDES, p.leg_spread_rad, strict=True):
        turn = Rotation.from_euler("z", sign * (0.35 + spread))
        hip = np.array([0.014, sign * 0.026 * p.body_width, 0.022])
        knee = hip + p.leg_length * turn.apply([0.046, 0.0, 0.004])
        ankle = knee + p.leg_length * turn.apply([0.042, 0.0, -0.008])
        foot = ankle + turn.apply([0.006, 0.0, 0.010])
        parts.append(limb(f"thigh_{side}", hip, knee, (0.0200 * thick, 0.0175 * thick), p.scale, 0.010))
        parts.append(limb(f"shin_{side}", knee, ankle, (0.0175 * thick, 0.0150 * thick), p.scale, 0.004))
        radii = (0.0145 * thick, 0.0165 * thick, 0.0260 * thick)
        parts.append(ball(f"foot_{side}", foot, radii, p.scale, 0.004, turn * Rotation.from_euler("y", 0.25)))
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
