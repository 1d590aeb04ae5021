"""The grasps that each family is asked for."""

from __future__ import annotations

import numpy as np

from sparsedff.synthetic.grasping.task import GraspTask
from sparsedff.synthetic.shapes.region import EVERYWHERE, Region

_FAR = EVERYWHERE
_SIDEWAYS = float(np.deg2rad(60.0))
_BACK, _LEFT, _DOWN = (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)
_THREE = ("ffdistal", "mfdistal", "rfdistal", "thdistal")


def _shell(t_low: float, t_high: float, x_high: float = _FAR, inside: bool = False) -> Region:
    """One side of a turned shell called body, between two canonical heights, up to x_high radii forwards."""
    radial = (0.5, 1.0) if inside else (1.0, _FAR)
    return Region(("body",), (-_FAR, -_FAR, t_low), (x_high, _FAR, t_high), radial)


def _between(part: str, axis: int, low: float, high: float) -> Region:
    """A slab of one part along one canonical axis."""
    corners = [[-_FAR] * 3, [_FAR] * 3]
    corners[0][axis], corners[1][axis] = low, high
    return Region((part,), *(tuple(corner) for corner in corners))  # type: ignore[arg-type]


MUG = (
    GraspTask("body", _shell(1.0, 2.9)),
    # The palm over the mug, fingers down its back, the thumb in it.
    GraspTask("rim", _shell(1.5, 2.9, -0.1), _shell(1.3, 2.4, -0.45, inside=True), pointing=_BACK, tips=_THREE),
    GraspTask("handle", Region(("handle",)), approach=(-0.5, 0.0, -0.85), tips=_THREE, opposition=-0.6),
)
BOTTLE = (
    GraspTask("neck", Region(("cap",), also=(_between("body", 2, 4.4, 6.2),))),
    GraspTask("body", _between("body", 2, 1.0, 2.6), approach=_BACK, pointing=_LEFT, wrap=0.5, opposition=-0.6),
)
BOX = (
    GraspTask(
        "body",
        Region(("body",), (0.97, -_FAR, -0.2), (_FAR, _FAR, 0.9)),
        Region(("body",), (-_FAR, -_FAR, -0.2), (-0.97, _FAR, 0.9)),
        pointing=(1.0, 0.0, 0.0),
    ),
)
_PLUSH = (
    GraspTask("head", Region(("head", "muzzle")), pointing=_BACK),
    GraspTask("body", Region(("body", "chest")), approach=(0.8, 0.0, -0.6), free_angle_rad=_SIDEWAYS, opposition=-0.6),
)
_ARM = Region(("forearm_left", "hand_left"))
TEDDY = (*_PLUSH, GraspTask("arm", _ARM, approach=(0.0, -0.5, -0.85), tips=_THREE))
# The monkey's arms are thinner and stick out farther: the hand comes from the front.
MONKEY = (*_PLUSH, GraspTask("arm", _ARM, approach=(-0.5, -0.4, -0.75), tips=_THREE))
DRILL = (GraspTask("handle", Region(("handle",)), None, (1.0, 0.0, 0.0), (0.0, -1.0, 0.0), wrap=1.0, opposition=-0.4),)
PAN = (GraspTask("handle", Region(("handle",)), pointing=_LEFT, wrap=0.6, opposition=-0.4),)
# A bowl held by its rim wants to tip: the fingers go low outside, the thumb high inside.
BOWL = (GraspTask("rim", _shell(1.6, 4.3, -0.2), _shell(3.9, 5.7, -0.45, inside=True), pointing=_BACK),)
JUG = (
    GraspTask("body", _shell(2.2, 4.6)),
    # Three fingers through the loop, the thumb over its outside.
    GraspTask("handle", Region(("handle",)), approach=_BACK, pointing=_LEFT, tips=_THREE, wrap=0.6, opposition=-0.4),
)
_FORTH, _RIGHT = (1.0, 0.0, 0.0), (0.0, -1.0, 0.0)
HAMMER = (GraspTask("handle", _between("handle", 2, -0.6, 1.0), None, _FORTH, _RIGHT, wrap=1.0, opposition=-0.4),)
FLASHLIGHT = (GraspTask("barrel", Region(("barrel",)), approach=_BACK, pointing=_LEFT, wrap=1.0, opposition=-0.4),)
BRUSH = (GraspTask("handle", Region(("handle",)), pointing=_LEFT, wrap=0.6, opposition=-0.4),)
POT = (GraspTask("rim", _shell(1.6, 3.4, -0.2), _shell(2.2, 3.8, -0.45, inside=True), pointing=_BACK),)
SPRAY = (GraspTask("body", _between("body", 2, 1.0, 3.2), approach=_BACK, pointing=_LEFT, wrap=0.5, opposition=-0.6),)
