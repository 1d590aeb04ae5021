"""Hands to begin a demonstration with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import HandError
from sparsedff.hands.shadow.joints import JOINT_NAMES

FINGERS = {"FF": "First finger", "MF": "Middle finger", "RF": "Ring finger", "LF": "Little finger", "TH": "Thumb"}
"""Prefixes of the joints, in file order, and what people call the fingers."""

# Joints in degrees; those left out are 0. The pinch brings the pads of thumb and first finger 4 mm apart.
_POWER: dict[str, float] = {
    f"{finger}J{joint}": angle for finger in ("FF", "MF", "RF", "LF") for joint, angle in ((2, 55), (1, 50), (0, 30))
}
_CURLED = {f"{finger}J{joint}": angle for finger in ("MF", "RF", "LF") for joint, angle in ((2, 22), (1, 20), (0, 12))}
_PINCH = {"FFJ3": -18.8, "FFJ2": 54.9, "FFJ1": 50.9, "FFJ0": 9.6}
_PINCH |= {"THJ4": 40.1, "THJ3": 55.1, "THJ2": 7.9, "THJ1": 13.9, "THJ0": -1.1}
PRESETS: dict[str, dict[str, float]] = {
    "open": {},
    "power grasp": _POWER | {"LFJ4": 8, "THJ4": 58, "THJ3": 34, "THJ1": 4, "THJ0": -20},
    "precision pinch": _CURLED | _PINCH,
}


def joints_of(preset: str) -> NDArray[np.float64]:
    """Joints (22,) [rad] of a preset.

    Raises:
        HandError: there is none of this name; lists those there are.
    """
    if preset not in PRESETS:
        raise HandError(f"preset: no {preset!r}; known are {', '.join(PRESETS)}")
    return np.radians([PRESETS[preset].get(name, 0.0) for name in JOINT_NAMES])
