"""Procedural objects: named parts, each a primitive in its own frame, joined by smooth unions.

Members of one family have the same parts in the same order and differ in sizes, frames and paint; that is what makes a
dense correspondence between any two of them known (correspondence.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError
from sparsedff.geometry import apply, inverse
from sparsedff.synthetic.shapes.primitives import PartShape, smooth_union

Float = NDArray[np.float64]

# Albedo (N, 3) in [0, 1] of canonical coordinates (N, 3) on the part of that name.
Paint = Callable[[str, Float], Float]

_ESTIMATE_SHARE = 0.3  # an ellipsoid's estimated distance is at least this share of the true one, for shapes in use
_TETRAHEDRON = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])


@dataclass(frozen=True, eq=False)
class Part:
    """One named piece of an object.

    Attributes:
        name: unique in the object, the same in every member of the family.
        primitive: its shape and size, in the part frame.
        object_from_part: (4, 4).
        blend_m: width of the seam where it joins the parts before it [m].
    """

    name: str
    primitive: PartShape
    object_from_part: Float
    blend_m: float

    def distance(self, points_object: Float) -> Float:
        """Signed distance (N,) [m] of points (N, 3) [m] in the object frame."""
        return self.primitive.distance(apply(inverse(self.object_from_part), points_object))

    @cached_property
    def ball(self) -> tuple[Float, float]:
        """Centre (3,) and radius [m] of a ball around the part, in the object frame."""
        low, high = self.primitive.bounds()
        return apply(self.object_from_part, 0.5 * (low + high)), float(0.5 * np.linalg.norm(high - low))

    def may_reach(self, points_object: Float, within_m: Float | float) -> NDArray[np.bool_]:
        """Which points (N, 3) [m] may be within `within_m` (N,) or () [m] of the part; never wrong about the others.

        The ball around the part tells, for a fifth of the price of the distance. Distances of ellipsoids are estimates
        that fall short of the true one, hence the factor.
        """
        center, radius = self.ball
        offset = points_object - center
        away = np.sqrt(np.einsum("ni,ni->n", offset, offset)) - radius
        return (away < 0) | (_ESTIMATE_SHARE * away < within_m)

    def to_canonical(self, points_object: Float) -> Float:
        """Canonical coordinates (N, 3) of points (N, 3) [m] in the object frame."""
        return self.primitive.to_canonical(apply(inverse(self.object_from_part), points_object))

    def from_canonical(self, canonical: Float) -> Float:
        """Points (N, 3) [m] in the object frame of canonical coordinates (N, 3)."""
        return apply(self.object_from_part, self.primitive.from_canonical(canonical))

    def bounds(self) -> Float:
        """Lower and upper corner (2, 3) [m] of a box around the part, in the object frame."""
        corners = self.primitive.bounds()
        grid = np.stack(np.meshgrid(*corners.T, indexing="ij"), axis=-1).reshape(-1, 3)
        moved = apply(self.object_from_part, grid)
        return np.stack([moved.min(axis=0), moved.max(axis=0)])


@dataclass(frozen=True)
class ProceduralObject:
    """A member of a family: parts and the paint on them. Object frame: z up, origin on the ground, front towards +x.

    Raises:
        ConfigError: no part, or part names that repeat.
    """

    family: str
    parts: tuple[Part, ...]
    paint: Paint

    def __post_init__(self) -> None:
        names = [part.name for part in self.parts]
        if not names or len(set(names)) != len(names):
            raise ConfigError(f"procedural {self.family}: needs parts with unique names, got {names}")

    def part_distances(self, points: Float, within_m: float = np.inf) -> Float:
        """Signed distance (N, P) [m] of points (N, 3) [m] to every part by itself.

        Parts that are certainly farther than `within_m` [m] may be given as infinitely far, which saves time.
        """
        distances = np.full((len(points), len(self.parts)), np.inf)
        for index, part in enumerate(self.parts):
            near = part.may_reach(points, within_m) if np.isfinite(within_m) else np.ones(len(points), dtype=bool)
            distances[near, index] = part.distance(points[near])
        return distances

    def distance(self, points: Float) -> Float:
        """Signed distance (N,) [m] of points (N, 3) [m] to the whole object, negative inside."""
        total = self.parts[0].distance(points)
        for part in self.parts[1:]:
            # A part farther off than the blend's width changes nothing.
            near = np.flatnonzero(part.may_reach(points, total + part.blend_m))
            total[near] = smooth_union(total[near], part.distance(points[near]), part.blend_m)
        return total

    def gradient(self, points: Float, step_m: float = 2e-4) -> Float:
        """Gradient (N, 3) of the distance at points (N, 3) [m], about one long.

        Differences along the four corners e_i of a tetrahedron: sum_i e_i d(x + h e_i) = 4 h grad d, to second order.
        """
        total = np.zeros_like(points, dtype=np.float64)
        for corner in _TETRAHEDRON:
            total += self.distance(points + step_m * corner)[:, None] * corner
        return total / (4.0 * step_m)

    def normals(self, points: Float) -> Float:
        """Outward unit normals (N, 3) at points (N, 3) [m]."""
        gradient = self.gradient(points)
        return gradient / np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-12)

    def move_to_level(self, points: Float, level_m: Float | float = 0.0, iterations: int = 4) -> Float:
        """Move points (N, 3) [m] along the gradient until their signed distance is `level_m` (N,) or () [m].

        Newton steps, each at most 2 cm, so that a point near the medial axis cannot be thrown far away.
        """
        moved = np.array(points, dtype=np.float64)
        for _ in range(iterations):
            gradient = self.gradient(moved)
            miss = self.distance(moved) - level_m
            step = miss / np.maximum(np.einsum("ni,ni->n", gradient, gradient), 0.25)
            moved -= np.clip(step, -0.02, 0.02)[:, None] * gradient
        return moved

    def bounds(self) -> Float:
        """Lower and upper corner (2, 3) [m] of a box around the object."""
        boxes = np.stack([part.bounds() for part in self.parts])
        return np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])


def part_weights(part_distances: Float, temperature_m: Float | float) -> Float:
    """How much each part claims a point: soft minimum over distances (N, P) [m], rows sum to one.

    `temperature_m` (N,) or () [m] is the difference in distance at which a part's claim falls by e.
    """
    temperature = np.broadcast_to(np.asarray(temperature_m, dtype=np.float64), part_distances.shape[:1])[:, None]
    claim = np.exp(-(part_distances - part_distances.min(axis=1, keepdims=True)) / temperature)
    return claim / claim.sum(axis=1, keepdims=True)
