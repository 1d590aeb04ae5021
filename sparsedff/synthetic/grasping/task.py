"""What a reference grasp is asked for: where the fingers go, where the thumb goes, and from where the hand comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparsedff.synthetic.shapes.region import Region

FINGERTIPS = ("ffdistal", "mfdistal", "rfdistal", "lfdistal", "thdistal")
THUMB = "thdistal"

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class GraspTask:
    """One way to hold one kind of thing. Directions are in the object frame.

    Attributes:
        name: what is held: body, rim, handle, ...
        fingers_on: where the fingertips touch.
        thumb_on: where the thumb touches; None is the same place.
        approach: the direction that the palm faces.
        pointing: where the stretched fingers would point; None leaves it to the search.
        tips: links of FINGERTIPS that must touch, the thumb among them.
        wrap: how much palm and inner links are drawn to the object too: 0 for fingertip grasps, about 1 for handles.
        free_angle_rad: how far the palm may turn away from `approach` [rad].
        opposition: largest allowed cosine between the surface normals under thumb and fingers.
    """

    name: str
    fingers_on: Region
    thumb_on: Region | None = None
    approach: Vector = (0.0, 0.0, -1.0)
    pointing: Vector | None = None
    tips: tuple[str, ...] = FINGERTIPS
    wrap: float = 0.0
    free_angle_rad: float = float(np.deg2rad(40.0))
    opposition: float = -0.7

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of all parts that fingers or thumb may touch."""
        return tuple(sorted({*self.fingers_on.all_parts, *(self.thumb_on or self.fingers_on).all_parts}))
