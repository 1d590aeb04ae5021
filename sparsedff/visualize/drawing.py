"""Drawings: meshes, points and paths in the world frame, as small frozen values that a picture shows.

World frame: the table, z up, metres. Colours are RGB uint8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.palette import PATH_RGB, Color


def _positions(values: NDArray[np.floating], what: str) -> NDArray[np.float64]:
    """A read-only float64 copy (N, 3) of finite positions [m]."""
    array = np.array(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 3:
        raise ValueError(f"{what}: positions must be (N, 3), got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{what}: positions contain NaN or infinity; drop those points before drawing")
    array.flags.writeable = False
    return array


def _colors(values: NDArray | Sequence[int], count: int, what: str) -> NDArray[np.uint8]:
    """Read-only colours (count, 3) uint8 from one colour or from one per position."""
    array = np.asarray(values)
    if np.issubdtype(array.dtype, np.floating) or array.shape not in ((3,), (count, 3)):
        raise ValueError(
            f"{what}: colours must be (3,) or ({count}, 3) integers in 0..255, got {array.shape} {array.dtype}"
        )
    if array.size and (array.min() < 0 or array.max() > 255):
        raise ValueError(f"{what}: colours must lie in 0..255, got {array.min()}..{array.max()}")
    return np.broadcast_to(array.astype(np.uint8), (count, 3))


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh.

    Attributes:
        vertices: (V, 3) [m], world frame.
        faces: (F, 3) vertex indices, counter-clockwise seen from outside.
        colors: (V, 3) uint8; a single colour (3,) is spread over all vertices.
        name: how a legend calls it.
        opacity: 1 hides what is behind; less makes a veil that throws no shadow. Of nested veils the inner come first.

    Raises:
        ValueError: shapes, colours, indices or opacity contradict the above.
    """

    vertices: NDArray[np.floating]
    faces: NDArray[np.integer]
    colors: NDArray[np.uint8]
    name: str = "mesh"
    opacity: float = 1.0

    def __post_init__(self) -> None:
        what = f"mesh {self.name}"
        if not 0 < self.opacity <= 1:
            raise ValueError(f"{what}: opacity must be above 0 and at most 1, got {self.opacity}")
        vertices = _positions(self.vertices, what)
        faces = np.array(self.faces, dtype=np.int64)
        if faces.ndim != 2 or faces.shape[1] != 3:
            raise ValueError(f"{what}: faces must be (F, 3), got {faces.shape}")
        if faces.size and (faces.min() < 0 or faces.max() >= len(vertices)):
            raise ValueError(f"{what}: faces index 0..{len(vertices) - 1}, got {faces.min()}..{faces.max()}")
        faces.flags.writeable = False
        object.__setattr__(self, "vertices", vertices)
        object.__setattr__(self, "faces", faces)
        object.__setattr__(self, "colors", _colors(self.colors, len(vertices), what))


@dataclass(frozen=True, eq=False)
class Points:
    """A point cloud, drawn as overlapping discs that close into a surface.

    Attributes:
        positions: (N, 3) [m], world frame.
        colors: (N, 3) uint8, or a single colour (3,).
        radius_m: disc radius [m]; None chooses it per point from the distance to its neighbours.
        name: how a legend calls it.
        values: (N,) what the colours stand for, shown under the mouse; None where they stand for themselves.
        scale: how values became colours, for the colour bar; given with `values`.

    Raises:
        ValueError: shapes, colours, values or the radius contradict the above.
    """

    positions: NDArray[np.floating]
    colors: NDArray[np.uint8]
    radius_m: float | None = None
    name: str = "points"
    values: NDArray[np.floating] | None = None
    scale: ColorScale | None = None

    def __post_init__(self) -> None:
        what = f"points {self.name}"
        if self.radius_m is not None and not self.radius_m > 0:
            raise ValueError(f"{what}: radius_m must be positive or None, got {self.radius_m}")
        object.__setattr__(self, "positions", _positions(self.positions, what))
        object.__setattr__(self, "colors", _colors(self.colors, len(self.positions), what))
        if (self.values is None) != (self.scale is None):
            raise ValueError(f"{what}: values and their scale come together")
        if self.values is not None and np.shape(self.values) != (len(self.positions),):
            raise ValueError(f"{what}: values must be ({len(self.positions)},), got {np.shape(self.values)}")


def scaled_points(
    positions: NDArray[np.floating], values: NDArray[np.floating], scale: ColorScale, name: str = "points"
) -> Points:
    """Points (N, 3) [m] coloured by values (N,)."""
    return Points(positions, scale.rgb(values), name=name, values=values, scale=scale)


@dataclass(frozen=True, eq=False)
class Path3D:
    """A trajectory, drawn as a string of small spheres.

    Attributes:
        positions: (N, 3) [m], world frame, in order of time.
        color: one RGB colour.
        radius_m: radius of a sphere [m].
        name: how a legend calls it.

    Raises:
        ValueError: shapes, colour or the radius contradict the above.
    """

    positions: NDArray[np.floating]
    color: Color = PATH_RGB
    radius_m: float = 0.0022
    name: str = "path"

    def __post_init__(self) -> None:
        what = f"path {self.name}"
        if not self.radius_m > 0:
            raise ValueError(f"{what}: radius_m must be positive, got {self.radius_m}")
        _colors(self.color, 1, what)
        object.__setattr__(self, "positions", _positions(self.positions, what))


Item = Mesh | Points | Path3D


@dataclass(frozen=True, eq=False)
class Drawing:
    """The items that one panel of a picture shows.

    Attributes:
        items: meshes, points and paths, in any order.
        title: its headline.
        table: whether the plane z = 0 is drawn; turn it off where the points contain the table itself.
    """

    items: tuple[Item, ...]
    title: str = ""
    table: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "items", tuple(self.items))
