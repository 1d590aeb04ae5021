"""Correspondence across families, as of the points of a mug and of a bowl, for the named grips that both have.

Different kinds of things have no single right correspondence. The parts that a hand needs are mapped: a bar to hold
(box, bottles, flashlight, handles of drill, pan, hammer and brush), a rim to pinch (mug, bowl, pot), and the limbs of
plush animals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError
from sparsedff.geometry import apply, inverse
from sparsedff.synthetic.families.registry import FAMILIES, FIRST_FAMILIES
from sparsedff.synthetic.shapes.correspondence import correspond, shared_parts
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.objects import Part, ProceduralObject

Float = NDArray[np.float64]
Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Bar:
    """A straight piece of a part that a hand closes around, in the part's frame.

    Attributes:
        part: name of the part.
        along: direction from the little finger to the index finger.
        approach: direction that the palm faces.
        low, high: the piece of the part's bounding box that counts, as shares from -1 to 1 along x, y, z.
    """

    part: str
    along: Vector
    approach: Vector
    low: Vector = (-1.0, -1.0, -1.0)
    high: Vector = (1.0, 1.0, 1.0)

    def frame(self, part: Part) -> tuple[Float, Float]:
        """object_from_bar (4, 4), axes along, approach and across, and the half sizes (3,) [m] of the piece."""
        bounds = part.primitive.bounds()
        center, half = bounds.mean(axis=0), 0.5 * np.ptp(bounds, axis=0)
        low, high = center + np.asarray(self.low) * half, center + np.asarray(self.high) * half
        axes = np.stack([self.along, self.approach, np.cross(self.along, self.approach)], axis=1).astype(np.float64)
        part_from_bar = np.eye(4)
        part_from_bar[:3, :3], part_from_bar[:3, 3] = axes, 0.5 * (low + high)
        return part.object_from_part @ part_from_bar, np.abs(axes.T @ (0.5 * (high - low)))


# Bars as the reference grasps hold them: the index finger of the drill's hand is under the motor, that of the pan's
# hand next to the dish.
_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_BACK, _DOWN = (-1.0, 0.0, 0.0), (0.0, 0.0, -1.0)
BARS = {
    ("box", "body"): Bar("body", _Y, _DOWN, low=(-1.0, -1.0, 0.0)),
    ("drill", "handle"): Bar("handle", _Z, _X, low=(-1.0, -1.0, -0.8), high=(1.0, 1.0, 0.6)),
    ("pan", "handle"): Bar("handle", _BACK, _DOWN),
    ("bottle", "body"): Bar("body", _Z, _BACK, high=(1.0, 1.0, 0.2)),
    ("hammer", "handle"): Bar("handle", _Z, _X, low=(-1.0, -1.0, -0.6)),
    ("flashlight", "barrel"): Bar("barrel", _Z, _BACK),
    ("brush", "handle"): Bar("handle", _BACK, _DOWN),
    ("spray", "body"): Bar("body", _Z, _BACK, high=(1.0, 1.0, 0.3)),
}
RIMS = {("mug", "rim"), ("bowl", "rim"), ("pot", "rim")}
PLUSH = {(family, task) for family in ("monkey", "teddy") for task in ("head", "body", "arm")}
_RIM_AZIMUTH = np.pi  # rims are pinched at the back; arcs are measured from there


def partners(family: str, task: str, among: Sequence[str] = FIRST_FAMILIES) -> tuple[tuple[str, str], ...]:
    """The (family, task) pairs of other families, out of those `among`, that this grasp carries over to."""
    key = (family, task)
    group = next((group for group in (set(BARS), RIMS) if key in group), PLUSH if key in PLUSH else set())
    same = {other for other in group if group is not PLUSH or other[1] == task}
    return tuple(sorted(other for other in same if other[0] != family and other[0] in among))


def correspond_across(
    source: ProceduralObject, target: ProceduralObject, task: str, target_task: str, points: Float
) -> Float:
    """Where points (N, 3) [m] near the grip of `source` lie near that of `target` (N, 3) [m]; object frames.

    Distances to the surface are kept, as in `correspond`.

    Raises:
        ConfigError: the two grips have nothing in common.
    """
    points = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    ours, theirs = (source.family, task), (target.family, target_task)
    if theirs not in partners(*ours, tuple(FAMILIES)):
        known = ", ".join("/".join(other) for other in partners(*ours, tuple(FAMILIES))) or "nothing"
        raise ConfigError(f"no correspondence of {'/'.join(ours)} with {'/'.join(theirs)}; it goes with {known}")
    if ours in BARS:
        mapped = _map_bar(source, target, BARS[ours], BARS[theirs], points)
    elif ours in RIMS:
        mapped = _map_rim(_part(source, "body"), _part(target, "body"), points)
    else:
        return correspond(*shared_parts(source, target), points)
    return target.move_to_level(mapped, source.distance(points))


def _map_bar(source: ProceduralObject, target: ProceduralObject, ours: Bar, theirs: Bar, points: Float) -> Float:
    """Points are mapped in metres along the bar, since fingers keep their width, and in half sizes across it."""
    source_from_bar, source_half = ours.frame(_part(source, ours.part))
    target_from_bar, target_half = theirs.frame(_part(target, theirs.part))
    local = apply(inverse(source_from_bar), points)
    # The cross-section is stretched; outside it lengths stay, or the back of the hand would be stretched too.
    held = np.clip(local, -source_half, source_half)
    ratio = np.array([1.0, *(target_half[1:] / source_half[1:])])
    return apply(target_from_bar, held * ratio + (local - held))


def _map_rim(source: Part, target: Part, points: Float) -> Float:
    """Points are mapped in metres along the rim, below it and off the wall's middle."""
    ours, theirs = source.primitive, target.primitive
    assert isinstance(ours, Lathe) and isinstance(theirs, Lathe)
    local = apply(inverse(source.object_from_part), points)
    azimuth = np.mod(np.arctan2(local[:, 1], local[:, 0]) - _RIM_AZIMUTH + np.pi, 2 * np.pi) - np.pi
    (our_radius, our_height), (their_radius, their_height) = (
        np.asarray(shell.stations_m).T for shell in (ours, theirs)
    )
    below = our_height[-1] - local[:, 2]
    off = np.hypot(local[:, 0], local[:, 1]) - np.interp(local[:, 2], our_height, our_radius)
    z = their_height[-1] - below
    radius = np.maximum(np.interp(z, their_height, their_radius) + off, 0.0)
    angle = azimuth * our_radius[-1] / their_radius[-1] + _RIM_AZIMUTH
    return apply(target.object_from_part, np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1))


def _part(shape: ProceduralObject, name: str) -> Part:
    return next(part for part in shape.parts if part.name == name)
