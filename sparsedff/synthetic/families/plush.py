"""Sitting plush animals: trunk, arms and legs that monkey and teddy bear share but for their proportions.

Lengths are for scale 1 [m] in the object frame, front +x, left +y. Vectors are those of the left side; the right side
mirrors them in y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.geometry import Float, apply, transform
from sparsedff.synthetic.families.joints import turned
from sparsedff.synthetic.shapes.assembly import ball, limb
from sparsedff.synthetic.shapes.objects import Part

SIDES = (("left", 1.0), ("right", -1.0))
"""Names of the sides and the sign of their y."""

Vector = tuple[float, float, float]
Ends = tuple[float, float]


@dataclass(frozen=True)
class Trunk:
    """Belly and chest.

    Attributes:
        belly_height_m, chest_height_m: of their centres.
        chest_x_m: of the chest's centre.
        belly_radii, chest_radii: half axes.
    """

    belly_height_m: float
    belly_radii: Vector
    chest_x_m: float
    chest_height_m: float
    chest_radii: Vector

    def parts(self, scale: float, width: float, height: float) -> list[Part]:
        """The parts body and chest, widened and heightened by these factors."""
        level = Rotation.identity()
        belly, chest = (
            (radii[0] * width, radii[1] * width, radii[2] * height) for radii in (self.belly_radii, self.chest_radii)
        )
        return [
            ball("body", np.array([0.0, 0.0, self.belly_height_m * height]), belly, scale, 0.0, level),
            ball("chest", np.array([self.chest_x_m, 0.0, self.chest_height_m * height]), chest, scale, 0.020, level),
        ]


@dataclass(frozen=True)
class Neck:
    """Where a head sits and how it is turned.

    Attributes:
        x_m, height_m: of the neck.
        center_m: of the head's centre above the neck.
        size: factor of the whole head.
        scale: factor of the whole animal.
        turn: rotation of the head.
    """

    x_m: float
    height_m: float
    center_m: float
    size: float
    scale: float
    turn: Rotation

    def ball(self, name: str, center: Vector, radii: Vector, blend: float, lean: Rotation | None = None) -> Part:
        """An ellipsoid of the head, its centre given from the head's centre."""
        object_from_neck = transform(self.turn.as_matrix(), np.array([self.x_m, 0.0, self.height_m]))
        place = apply(object_from_neck, np.array([center[0], center[1], center[2] + self.center_m]) * self.size)
        sized = tuple(self.size * radius for radius in radii)
        return ball(name, place, sized, self.scale, blend, self.turn * (lean or Rotation.identity()))


@dataclass(frozen=True)
class Arms:
    """Two arms.

    Attributes:
        shoulder: its place; y grows with the body's width, z with its height.
        upper_arm, forearm: from shoulder to elbow and from elbow to wrist.
        hand: direction from the wrist to the hand's centre.
        hand_m: how far that is along the direction.
        upper_radii, forearm_radii, hand_radii: of the parts.
        blend_m: of elbow and wrist.
    """

    shoulder: Vector
    upper_arm: Vector
    forearm: Vector
    hand: Vector
    hand_m: float
    upper_radii: Ends
    forearm_radii: Ends
    hand_radii: Vector
    blend_m: float

    def parts(
        self, scale: float, body: Ends, length: float, thick: float, raise_rad: Ends, spread_rad: Ends, bend_rad: Ends
    ) -> list[Part]:
        """Upper arm, forearm and hand of both sides.

        Args:
            scale, length, thick: factors of the animal's size, of the arms' length and thickness.
            body: factors of the body's width and height.
            raise_rad: (left, right) swing forwards and up [rad].
            spread_rad: (left, right) turn outwards [rad].
            bend_rad: (left, right) elbows bend, forearms go up [rad].
        """
        parts = []
        for (side, sign), lift, spread, bend in zip(SIDES, raise_rad, spread_rad, bend_rad, strict=True):
            x, y, z = self.shoulder
            shoulder = np.array([x, sign * y * body[0], z * body[1]])
            swing = turned(Rotation.from_euler("y", -lift), "z", sign * spread)
            elbow = shoulder + length * swing.apply(_mirrored(self.upper_arm, sign))
            swing = turned(swing, "y", -bend)
            wrist = elbow + length * swing.apply(_mirrored(self.forearm, sign))
            hand = wrist + self.hand_m * length * swing.apply(_mirrored(self.hand, sign))
            parts.append(limb(f"upper_arm_{side}", shoulder, elbow, _thick(self.upper_radii, thick), scale, 0.008))
            lower = _thick(self.forearm_radii, thick)
            parts.append(limb(f"forearm_{side}", elbow, wrist, lower, scale, self.blend_m))
            radii = tuple(radius * thick for radius in self.hand_radii)
            parts.append(ball(f"hand_{side}", hand, radii, scale, self.blend_m, swing))
        return parts


@dataclass(frozen=True)
class Legs:
    """Two legs, stretched forwards and outwards.

    Attributes:
        spread_rad: how far they turn outwards at rest [rad].
        hip: its place; y grows with the body's width.
        thigh, shin, foot: from hip to knee, from knee to ankle and from there to the foot's centre.
        thigh_radii, shin_radii, foot_radii: of the parts.
        blend_m: of knee and ankle.
        foot_pitch_rad: how far the soles lean back [rad].
    """

    spread_rad: float
    hip: Vector
    thigh: Vector
    shin: Vector
    foot: Vector
    thigh_radii: Ends
    shin_radii: Ends
    foot_radii: Vector
    blend_m: float
    foot_pitch_rad: float

    def parts(
        self, scale: float, width: float, length: float, thick: float, spread_rad: Ends, raise_rad: Ends, bend_rad: Ends
    ) -> list[Part]:
        """Thigh, shin and foot of both sides.

        Args:
            scale, length, thick: factors of the animal's size, of the legs' length and thickness.
            width: factor of the body's width.
            spread_rad: (left, right) turn outwards beyond the rest [rad].
            raise_rad: (left, right) thighs go up [rad].
            bend_rad: (left, right) knees bend, shins go down [rad].
        """
        parts = []
        for (side, sign), spread, lift, bend in zip(SIDES, spread_rad, raise_rad, bend_rad, strict=True):
            turn = turned(Rotation.from_euler("z", sign * (self.spread_rad + spread)), "y", -lift)
            hip = np.array([self.hip[0], sign * self.hip[1] * width, self.hip[2]])
            knee = hip + length * turn.apply(self.thigh)
            turn = turned(turn, "y", bend)
            ankle = knee + length * turn.apply(self.shin)
            foot = ankle + turn.apply(self.foot)
            parts.append(limb(f"thigh_{side}", hip, knee, _thick(self.thigh_radii, thick), scale, 0.010))
            parts.append(limb(f"shin_{side}", knee, ankle, _thick(self.shin_radii, thick), scale, self.blend_m))
            radii = tuple(radius * thick for radius in self.foot_radii)
            pitch = Rotation.from_euler("y", self.foot_pitch_rad)
            parts.append(ball(f"foot_{side}", foot, radii, scale, self.blend_m, turn * pitch))
        return parts


def _mirrored(vector: Vector, sign: float) -> Float:
    return np.array([vector[0], sign * vector[1], vector[2]])


def _thick(radii: Ends, thick: float) -> Ends:
    return radii[0] * thick, radii[1] * thick
