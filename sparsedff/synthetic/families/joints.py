"""Joints of the plush animals: their ranges, and what keeps limbs clear of each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.synthetic.shapes.objects import ProceduralObject

Ends = tuple[float, float]

_CLEAR_M = 0.004  # between an arm and a leg; seams are as wide
_LIFT_RAD = 0.1

JOINTS_RAD: dict[str, Ends] = {
    "head_yaw_rad": (-0.9, 0.9),
    "head_pitch_rad": (-0.35, 0.35),
    "head_roll_rad": (-0.4, 0.4),
    "arm_raise_rad": (-0.1, 1.0),
    "arm_spread_rad": (-0.25, 0.9),
    "elbow_bend_rad": (-0.1, 1.0),
    "leg_spread_rad": (-0.25, 0.6),
    "leg_raise_rad": (0.0, 0.4),
    "knee_bend_rad": (0.0, 0.7),
    "tail_curl_rad": (-0.8, 0.8),
}
"""Ranges [rad] in which limbs stay clear of the rest of the animal and the feet on or over the table."""


def joints_in_range(animal: Any) -> Any:
    """The parameters of an animal with every joint held in its range; a knee bends at most twice as its leg rises,
    so that the foot does not go under the table.
    """
    changes: dict[str, Any] = {}
    for name, (low, high) in JOINTS_RAD.items():
        if hasattr(animal, name):
            held = np.clip(np.asarray(getattr(animal, name)), low, high)
            changes[name] = tuple(held.tolist()) if held.ndim else float(held)
    lifts, knees = changes["leg_raise_rad"], changes["knee_bend_rad"]
    changes["knee_bend_rad"] = tuple(min(knee, 2.0 * lift) for knee, lift in zip(knees, lifts, strict=True))
    return replace(animal, **changes)


def fitted_animal(animal: Any, build: Callable[[Any], ProceduralObject]) -> Any:
    """The animal with joints in their ranges and limbs that reach out of the trunk, arms lifted off the legs."""
    held = joints_in_range(animal)
    shortest = min(held.arm_length, held.leg_length)
    held = replace(
        held,
        body_width=min(held.body_width, 1.25 * shortest),
        limb_thickness=min(held.limb_thickness, 1.2 * shortest),
        leg_raise_rad=tuple(min(lift, 0.4 * held.body_height) for lift in held.leg_raise_rad),
    )
    highest = JOINTS_RAD["arm_raise_rad"][1]
    while True:
        touching = [_touches(build(held), side) for side in ("left", "right")]
        lifts = tuple(
            min(lift + _LIFT_RAD, highest) if touches else lift
            for lift, touches in zip(held.arm_raise_rad, touching, strict=True)
        )
        if lifts == held.arm_raise_rad:
            return held
        held = replace(held, arm_raise_rad=lifts)


def _touches(shape: ProceduralObject, side: str) -> bool:
    """Whether forearm or hand of a side come near the leg of that side."""
    parts = {part.name: part for part in shape.parts}
    angle = np.linspace(0.0, 2 * np.pi, 12, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(12)], axis=1)
    cone = np.concatenate([ring + np.array([0.0, 0.0, along]) for along in (0.3, 0.6, 0.9)])
    ball = np.concatenate([ring, ring[:, [2, 0, 1]], ring[:, [1, 2, 0]]])
    limbs = (parts[f"forearm_{side}"].from_canonical(cone), parts[f"hand_{side}"].from_canonical(ball))
    points = np.concatenate(limbs)
    return any(parts[f"{leg}_{side}"].distance(points).min() < _CLEAR_M for leg in ("thigh", "shin", "foot"))


def turned(rotation: Rotation, axis: str, angle_rad: float) -> Rotation:
    """The rotation after a turn about an axis; left as it is to the bit if the angle is 0."""
    return rotation if angle_rad == 0.0 else rotation * Rotation.from_euler(axis, angle_rad)
