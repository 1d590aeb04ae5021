"""A table with one procedural object on it, and what its surfaces look like."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.geometry import apply, inverse, transform
from sparsedff.synthetic.rendering.table_texture import M_PER_PIXEL, table_brightness
from sparsedff.synthetic.shapes.mesh import ObjectMesh, build_mesh
from sparsedff.synthetic.shapes.objects import ProceduralObject, part_weights

Float = NDArray[np.float64]

_COLOR_REACH_M = 0.015  # parts farther from a surface point than this do not colour it
_COLOR_SEAM_M = 0.0008  # cloth changes sharply where two parts are sewn together


@dataclass(frozen=True, eq=False)
class PlacedObject:
    """A procedural object standing in the world.

    Attributes:
        shape: in its object frame.
        world_from_object: (4, 4).
        cell_m: resolution of its mesh [m].
    """

    shape: ProceduralObject
    world_from_object: Float
    cell_m: float = 0.0025

    @cached_property
    def mesh(self) -> ObjectMesh:
        """Its mesh in the object frame."""
        return build_mesh(self.shape, self.cell_m)

    @cached_property
    def mesh_object(self) -> trimesh.Trimesh:
        """Its mesh in the object frame [m]."""
        return trimesh.Trimesh(self.mesh.vertices, self.mesh.faces, process=False)

    @cached_property
    def mesh_world(self) -> trimesh.Trimesh:
        """Its mesh in the world frame [m]."""
        vertices = apply(self.world_from_object, self.mesh.vertices)
        return trimesh.Trimesh(vertices, self.mesh.faces, process=False)

    def distance(self, points_world: Float) -> Float:
        """Signed distance (N,) [m] of world points (N, 3) [m], negative inside."""
        return self.shape.distance(apply(inverse(self.world_from_object), points_world))

    def normals(self, points_world: Float) -> Float:
        """Outward unit normals (N, 3) in the world at points (N, 3) [m]."""
        local = self.shape.normals(apply(inverse(self.world_from_object), points_world))
        return local @ self.world_from_object[:3, :3].T

    def albedo(self, points_world: Float) -> Float:
        """Painted colour (N, 3) in [0, 1] at surface points (N, 3) [m]."""
        points = apply(inverse(self.world_from_object), points_world)
        distances = self.shape.part_distances(points, _COLOR_REACH_M)
        lost = ~np.isfinite(distances).any(axis=1)  # a point off the surface, near nothing
        distances[lost] = self.shape.part_distances(points[lost])
        weights = part_weights(distances, _COLOR_SEAM_M)
        color = np.zeros_like(points)
        for index, part in enumerate(self.shape.parts):
            near = weights[:, index] > 1e-3
            painted = self.shape.paint(part.name, part.to_canonical(points[near]))
            color[near] += weights[near, index : index + 1] * painted
        return color


def place(
    shape: ProceduralObject, x_m: float, y_m: float, yaw_rad: float, cell_m: float = 0.0025, tip: Float | None = None
) -> PlacedObject:
    """Stand an object on the table at (x, y) [m], turned by yaw about the vertical; its lowest point touches z = 0.

    With `tip` (3, 3) it is turned by that rotation first, such as onto its side.
    """
    mesh = build_mesh(shape, cell_m)
    turn = Rotation.from_euler("z", yaw_rad).as_matrix()
    lowest = mesh.vertices[:, 2].min() if tip is None else (mesh.vertices @ tip.T)[:, 2].min()
    turn = turn if tip is None else turn @ tip
    placed = PlacedObject(shape, transform(turn, np.array([x_m, y_m, -lowest])), cell_m)
    placed.__dict__["mesh"] = mesh  # what the cached property would build again
    return placed


@dataclass(frozen=True)
class Table:
    """A table top in the plane z = 0 over a plain floor.

    Attributes:
        half_size_m: half its width along x and y [m].
        height_m: how far the floor is below [m].
        albedo, floor_albedo: mean colours in [0, 1].
        texture: one of `table_texture.texture_names`.
    """

    half_size_m: tuple[float, float] = (0.55, 0.70)
    height_m: float = 0.72
    albedo: tuple[float, float, float] = (0.36, 0.26, 0.17)
    floor_albedo: tuple[float, float, float] = (0.12, 0.13, 0.14)
    texture: str = "wood"

    def contains(self, xy: Float) -> NDArray[np.bool_]:
        """Which points (N, 2) [m] of the plane z = 0 lie on the table top; (N,)."""
        return (np.abs(xy[:, 0]) <= self.half_size_m[0]) & (np.abs(xy[:, 1]) <= self.half_size_m[1])

    def top_albedo(self, xy: Float) -> Float:
        """Colour (N, 3) of the table top at (N, 2) [m]."""
        pattern = table_brightness(self.texture, self.half_size_m)
        pixel = ((xy + np.asarray(self.half_size_m)) / M_PER_PIXEL).astype(np.float32)
        shade = np.empty(len(xy))
        for start in range(0, len(xy), 30000):  # cv2.remap takes at most 32767 rows
            part = pixel[start : start + 30000]
            mapped = cv2.remap(pattern, part[:, :1], part[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            shade[start : start + 30000] = mapped[:, 0]
        return np.asarray(self.albedo) * shade[:, None]


@dataclass(frozen=True)
class Light:
    """Ambient light and one lamp.

    Attributes:
        toward_lamp: (3,) direction from the scene to the lamp, any length.
        ambient, lamp: strengths; 1 is full white on a white surface that faces the light.
        softness_rad: angular radius of the lamp, which softens shadows [rad].
        shadow_rays: rays per point towards the lamp; 0 switches shadows off.
        color: of all light, 1 being white.
    """

    toward_lamp: tuple[float, float, float] = (0.25, 0.35, 1.0)
    ambient: float = 0.50
    lamp: float = 0.65
    softness_rad: float = 0.10
    shadow_rays: int = 6
    color: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Scene:
    """What the cameras look at. Without an object it is the bare table.

    Attributes:
        placed: the object that matters.
        table, light: around it.
        others: things that stand about: clutter, and what hides the object from a camera.
    """

    placed: PlacedObject | None
    table: Table = field(default_factory=Table)
    light: Light = field(default_factory=Light)
    others: tuple[PlacedObject, ...] = ()

    @property
    def things(self) -> tuple[PlacedObject, ...]:
        """The object, if there is one, and all others."""
        return self.others if self.placed is None else (self.placed, *self.others)
