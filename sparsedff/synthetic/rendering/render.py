"""Rays are cast at a scene on the CPU (embree through trimesh), and what they hit is shaded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.ray.ray_pyembree import RayMeshIntersector

from sparsedff.synthetic.rendering.scene import Light, PlacedObject, Scene

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]

FLOOR, TABLE, OBJECT = 0, 1, 2
GOLDEN_ANGLE = 2.399963  # turns by it never nearly repeat
_BUMP_M = 1e-4  # start shadow rays this far off the surface, or they hit where they start


@dataclass(frozen=True, eq=False)
class Hits:
    """Where rays end.

    Attributes:
        depth: (N,) ray parameter; for rays with z = 1 in the camera frame it is the depth along the optical axis [m].
            Rays that leave the scene have infinity.
        kind: (N,) FLOOR, TABLE or OBJECT.
        points: (N, 3) [m] in the world.
        thing: (N,) which of the scene's things is hit, -1 for floor and table.
    """

    depth: Float
    kind: NDArray[np.int64]
    points: Float
    thing: NDArray[np.int64]


class _Thing:
    """One object of the scene in an embree tree of its own, and a ball around it that saves most rays the tree."""

    def __init__(self, placed: PlacedObject) -> None:
        self.placed = placed
        mesh: trimesh.Trimesh = placed.mesh_world
        # embree's own scaling of the scene to a fixed size costs precision and is not needed at this size
        self.caster = RayMeshIntersector(mesh, scale_to_box=False)
        self.center = mesh.bounds.mean(axis=0)
        self.radius = float(np.linalg.norm(mesh.vertices - self.center, axis=1).max()) + 0.002

    def near(self, origins: Float, directions: Float, spread: float = 0.0) -> Mask:
        """Which rays come near the object at all; (N,).

        With `spread` [rad] the answer holds for all rays within that angle of the given ones.
        """
        to_center = self.center - origins
        length2 = np.einsum("ni,ni->n", directions, directions)
        along = np.maximum(np.einsum("ni,ni->n", to_center, directions) / length2, 0.0)
        miss = to_center - along[:, None] * directions
        reach = self.radius + np.tan(spread) * along * np.sqrt(length2)
        return np.einsum("ni,ni->n", miss, miss) < reach**2


class Renderer:
    """A scene made ready for ray casting."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._things = [_Thing(placed) for placed in scene.things]

    def cast(self, origin: Float, directions: Float) -> Hits:
        """First hits of rays from one origin (3,) along directions (N, 3), in the world."""
        count = len(directions)
        depth, kind = np.full(count, np.inf), np.full(count, FLOOR)
        table = self.scene.table
        with np.errstate(divide="ignore"):
            to_floor = (-table.height_m - origin[2]) / directions[:, 2]
            to_table = -origin[2] / directions[:, 2]
        down = directions[:, 2] < -1e-6
        depth[down] = to_floor[down]
        on_table = down & table.contains(origin[:2] + np.where(down, to_table, 0.0)[:, None] * directions[:, :2])
        depth[on_table], kind[on_table] = to_table[on_table], TABLE
        struck = np.full(count, -1)
        for index, thing in enumerate(self._things):
            near = np.flatnonzero(thing.near(np.broadcast_to(origin, directions.shape), directions))
            points, ray, _ = thing.caster.intersects_location(
                np.broadcast_to(origin, (len(near), 3)), directions[near], multiple_hits=False
            )
            along = np.einsum("ni,ni->n", points - origin, directions[near[ray]])
            along /= np.einsum("ni,ni->n", directions[near[ray]], directions[near[ray]])
            hit, closer = near[ray], along < depth[near[ray]]
            depth[hit[closer]], kind[hit[closer]], struck[hit[closer]] = along[closer], OBJECT, index
        finite = np.where(np.isfinite(depth), depth, 0.0)
        return Hits(depth, kind, origin + finite[:, None] * directions, struck)

    def occluded(self, points: Float, directions: Float) -> Mask:
        """Whether a thing stands in the way of rays from points (N, 3) along directions (N, 3); (N,)."""
        blocked = np.zeros(len(points), dtype=bool)
        for thing in self._things:
            near = np.flatnonzero(thing.near(points, directions) & ~blocked)
            if len(near):
                blocked[near] = thing.caster.intersects_any(points[near], directions[near])
        return blocked

    def normals(self, hits: Hits) -> Float:
        """Outward unit normals (N, 3) in the world where rays hit: the object's exact ones, not its triangles'."""
        normals = np.tile([0.0, 0.0, 1.0], (len(hits.depth), 1))
        for index, thing in enumerate(self._things):
            mine = hits.thing == index
            normals[mine] = thing.placed.normals(hits.points[mine])
        return normals

    def albedo(self, hits: Hits) -> Float:
        """Colour (N, 3) in [0, 1] of what rays hit, before any light."""
        table, on_table = self.scene.table, hits.kind == TABLE
        color = np.tile(np.asarray(table.floor_albedo), (len(hits.depth), 1))
        color[on_table] = table.top_albedo(hits.points[on_table, :2])
        for index, thing in enumerate(self._things):
            mine = hits.thing == index
            color[mine] = thing.placed.albedo(hits.points[mine])
        return color

    def light(self, hits: Hits, normals: Float) -> Float:
        """Light (N,) that falls on hits: ambient light with occlusion plus the lamp with its shadow."""
        light = self.scene.light
        openness = np.ones(len(hits.depth))
        for thing in self._things:
            offset = hits.points - thing.center
            around = np.einsum("ni,ni->n", offset, offset) < (thing.radius + 0.03) ** 2
            touched = np.flatnonzero((hits.kind != FLOOR) & around)
            openness[touched] *= _openness(thing.placed, hits.points[touched], normals[touched])
        toward = np.asarray(light.toward_lamp) / np.linalg.norm(light.toward_lamp)
        facing = np.clip(normals @ toward, 0.0, 1.0)
        return light.ambient * openness + light.lamp * facing * self._lit(hits, normals, light, toward)

    def _lit(self, hits: Hits, normals: Float, light: Light, toward: Float) -> Float:
        """Share (N,) of the lamp that each hit sees."""
        lit = np.ones(len(hits.depth))
        if light.shadow_rays == 0 or not self._things:
            return lit
        toward_all = np.broadcast_to(toward, hits.points.shape)
        shaded = np.any([thing.near(hits.points, toward_all, light.softness_rad) for thing in self._things], axis=0)
        maybe = np.flatnonzero((hits.kind != FLOOR) & shaded)
        starts = hits.points[maybe] + _BUMP_M * normals[maybe]
        side = np.cross(toward, (1.0, 0.0, 0.0))
        side /= np.linalg.norm(side)
        blocked = np.zeros(len(maybe))
        for n in range(light.shadow_rays):
            # Rays spread evenly over the lamp's disc; turning the disc from pixel to pixel hides their number.
            turn, reach = GOLDEN_ANGLE * (n + np.arange(len(maybe))), np.sqrt((n + 0.5) / light.shadow_rays)
            across = np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * np.cross(toward, side)
            blocked += self.occluded(starts, toward + light.softness_rad * reach * across)
        lit[maybe] -= blocked / light.shadow_rays
        return lit


def _openness(placed: PlacedObject, points: Float, normals: Float) -> Float:
    """Ambient occlusion (N,): how much of the free space along the normal the object and the table leave, 0.35 to 1."""
    blocked = np.zeros(len(points))
    for reach, weight in ((0.008, 0.6), (0.025, 0.4)):
        probe = points + reach * normals
        free = np.minimum(placed.distance(probe), np.maximum(probe[:, 2], 0.0))
        blocked += weight * np.clip(1.0 - free / reach, 0.0, 1.0)
    return 1.0 - 0.65 * blocked
