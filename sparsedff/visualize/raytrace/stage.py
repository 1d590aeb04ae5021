"""A drawing prepared for rendering from any side: geometry and light, which do not depend on the viewpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from sparsedff.visualize.drawing import Drawing, Mesh, Path3D, Points
from sparsedff.visualize.raytrace.light import ambient, key
from sparsedff.visualize.raytrace.raycast import Caster
from sparsedff.visualize.raytrace.surface import Surface, beads, surface_of
from sparsedff.visualize.raytrace.surfels import Surfels, surfels_of

Float = NDArray[np.floating]

_TABLE_CELLS = 90
_TABLE_MARGIN_M = 0.16  # how far around the items the table's light is worked out


@dataclass(frozen=True, eq=False)
class TableLight:
    """Light on the plane z = 0 on a square grid of cells.

    Attributes:
        origin: (2,) [m] centre of cell (0, 0).
        cell_m: distance of cells [m].
        light: (2, R, R) ambient and key share in 0..1, indexed [which, x, y].
    """

    origin: Float
    cell_m: float
    light: Float


@dataclass(frozen=True, eq=False)
class Stage:
    """Geometry and light of a drawing.

    Attributes:
        drawing: where it came from, without its veils.
        surface: all meshes and paths as one surface.
        surface_item: (F,) index into `drawing.items` of each face.
        surface_light: (V, 2) ambient and key share in 0..1.
        caster: rays against `surface`.
        surfels: all points of the drawing.
        surfel_item: (N,) index into `drawing.items`.
        surfel_light: (N, 2).
        table: None where the drawing has no table, or is not lit yet.
        towards_key: (3,) unit direction to the key lamp.
        veils: meshes with opacity under 1, each as an unlit stage of its own, and their opacities.
    """

    drawing: Drawing
    surface: Surface
    surface_item: NDArray[np.int64]
    surface_light: Float
    caster: Caster
    surfels: Surfels
    surfel_item: NDArray[np.int64]
    surfel_light: Float
    table: TableLight | None
    towards_key: Float
    veils: tuple[tuple[Stage, float], ...] = ()

    def extent(self) -> Float:
        """Positions (M, 3) [m] that a picture must contain: meshes and clouds, without the clouds' strays.

        Paths are left out: an approach starts far above, and the grasp would shrink to make room for it.

        Raises:
            ValueError: the drawing shows no mesh and no cloud.
        """
        vertices = self.surface.vertices[: _solid_vertices(self)]
        if len(vertices) + len(self.surfels.positions) == 0:
            raise ValueError(f"drawing {self.drawing.title!r} shows nothing; it needs a mesh or points")
        return np.concatenate([vertices, self.surfels.positions, *(veil.surface.vertices for veil, _ in self.veils)])


def prepare(drawing: Drawing, key_azimuth: float = 0.0, key_elevation: float = 1.1) -> Stage:
    """Build a stage and light it; arguments as for `build` and `light`."""
    return light(build(drawing), key_azimuth, key_elevation)


def build(drawing: Drawing) -> Stage:
    """The geometry of a drawing, in full light everywhere and without the table.

    Raises:
        MissingPackageError: embreex is not installed.
    """
    thin = [item for item in drawing.items if isinstance(item, Mesh) and item.opacity < 1]
    veils = tuple((build(Drawing((replace(item, opacity=1.0),), table=False)), item.opacity) for item in thin)
    drawing = replace(drawing, items=tuple(item for item in drawing.items if item not in thin))
    # Paths come last: what throws shadows, the meshes, is then a prefix.
    meshes = [(i, surface_of(item)) for i, item in enumerate(drawing.items) if isinstance(item, Mesh)]
    paths = [(i, beads(item)) for i, item in enumerate(drawing.items) if isinstance(item, Path3D)]
    clouds = [(i, surfels_of(item)) for i, item in enumerate(drawing.items) if isinstance(item, Points)]
    surface, surface_item = _join_surfaces(meshes + paths)
    surfels, surfel_item = _join_surfels(clouds)
    return Stage(
        drawing=drawing,
        surface=surface,
        surface_item=surface_item,
        surface_light=np.ones((len(surface.vertices), 2)),
        caster=Caster(surface.vertices, surface.faces),
        surfels=surfels,
        surfel_item=surfel_item,
        surfel_light=np.ones((len(surfels.radii), 2)),
        table=None,
        towards_key=np.array([0.0, 0.0, 1.0]),
        veils=veils,
    )


def light(stage: Stage, key_azimuth: float = 0.0, key_elevation: float = 1.1) -> Stage:
    """The same stage, lit by the sky and by a key lamp that stands at these angles [rad].

    Meshes and clouds throw shadows. Paths throw none, since nothing is there; and clouds none on themselves: noise
    lifts points over their neighbours, and the cloud would look dirty.
    """
    drawing, surfels = stage.drawing, stage.surfels
    level = np.cos(key_elevation)
    towards = np.array([level * np.cos(key_azimuth), level * np.sin(key_azimuth), np.sin(key_elevation)])
    count = _solid_vertices(stage)
    solid = stage.surface.faces[(stage.surface.faces < count).all(axis=1)]
    vertices, normals = stage.surface.vertices[:count], stage.surface.normals[:count]
    meshes = Caster(vertices, solid)
    discs, disc_faces = surfels.triangles()
    everything = Caster(np.concatenate([vertices, discs]), np.concatenate([solid, disc_faces + count]))

    surface_light = stage.surface_light.copy()
    surface_light[:count, 0] = ambient(everything, vertices, normals, table=drawing.table)
    surface_light[:count, 1] = key(everything, vertices, normals, towards)
    sky = ambient(meshes, surfels.positions, None, table=False)
    lamp = key(meshes, surfels.positions, None, towards)
    table = _light_table(everything, np.concatenate([vertices, surfels.positions]), towards) if drawing.table else None
    return replace(
        stage,
        surface_light=surface_light,
        surfel_light=np.stack([sky, lamp], axis=1),
        table=table,
        towards_key=towards,
    )


def _solid_vertices(stage: Stage) -> int:
    """Number of vertices that belong to meshes; those of paths come after them."""
    is_path = np.array([isinstance(item, Path3D) for item in stage.drawing.items], dtype=bool)
    of_paths = stage.surface.faces[is_path[stage.surface_item]]
    return int(of_paths.min()) if len(of_paths) else len(stage.surface.vertices)


def _light_table(caster: Caster, extent: Float, towards: Float) -> TableLight:
    """Ambient and key light on a square of the plane z = 0 around the items, smoothed by one cell."""
    extent = extent if len(extent) else np.zeros((1, 3))
    low, high = extent[:, :2].min(axis=0), extent[:, :2].max(axis=0)
    side = float((high - low).max()) + 2 * _TABLE_MARGIN_M
    origin = (low + high - side) / 2
    cell = side / (_TABLE_CELLS - 1)
    x, y = np.meshgrid(*(origin[:, None] + cell * np.arange(_TABLE_CELLS)), indexing="ij")
    positions = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1)
    up = np.tile([0.0, 0.0, 1.0], (len(positions), 1))
    light = np.stack([ambient(caster, positions, up, 20, table=False), key(caster, positions, up, towards, 14)])
    smooth = [gaussian_filter(channel.reshape(x.shape), 1.0) for channel in light]
    return TableLight(origin, cell, np.stack(smooth))


def _join_surfaces(parts: list[tuple[int, Surface]]) -> tuple[Surface, NDArray[np.int64]]:
    """Surfaces as one, and the item of each of its faces."""
    none = np.zeros((0, 3))
    starts = np.cumsum([0, *(len(part.vertices) for _, part in parts)])
    faces = [part.faces + start for (_, part), start in zip(parts, starts[:-1], strict=True)]
    joined = Surface(
        vertices=np.concatenate([none, *(part.vertices for _, part in parts)]),
        faces=np.concatenate([np.zeros((0, 3), np.int64), *faces]),
        normals=np.concatenate([none, *(part.normals for _, part in parts)]),
        colors=np.concatenate([none, *(part.colors for _, part in parts)]),
    )
    return joined, np.repeat([i for i, _ in parts], [len(p.faces) for _, p in parts]).astype(np.int64)


def _join_surfels(parts: list[tuple[int, Surfels]]) -> tuple[Surfels, NDArray[np.int64]]:
    """Clouds as one, and the item of each of its discs."""
    none = np.zeros((0, 3))
    joined = Surfels(
        positions=np.concatenate([none, *(part.positions for _, part in parts)]),
        normals=np.concatenate([none, *(part.normals for _, part in parts)]),
        radii=np.concatenate([np.zeros(0), *(part.radii for _, part in parts)]),
        colors=np.concatenate([none, *(part.colors for _, part in parts)]),
    )
    return joined, np.repeat([i for i, _ in parts], [len(p.radii) for _, p in parts]).astype(np.int64)
