"""Meshes made ready for shading: smooth normals that keep creases, and triangles small enough to carry light."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sparsedff.visualize.drawing import Mesh, Path3D

Float = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles with everything that is interpolated over them.

    Attributes:
        vertices: (V, 3) [m], world frame.
        faces: (F, 3).
        normals: (V, 3) unit, outwards.
        colors: (V, 3) in 0..1.
    """

    vertices: Float
    faces: NDArray[np.int64]
    normals: Float
    colors: Float


def surface_of(mesh: Mesh, crease: float = 0.7, longest_edge_m: float = 0.008) -> Surface:
    """Shading surface of a mesh: vertices split along creases [rad], triangles cut down to `longest_edge_m` [m]."""
    vertices, faces, normals, source = split_creases(mesh.vertices, mesh.faces, crease)
    attributes = np.concatenate([vertices, normals, mesh.colors[source] / 255.0], axis=1)
    attributes, faces = _cut_long_edges(attributes, faces, longest_edge_m)
    return Surface(attributes[:, :3], faces, _unit(attributes[:, 3:6]), attributes[:, 6:])


def split_creases(
    vertices: Float, faces: NDArray[np.integer], crease: float
) -> tuple[Float, NDArray[np.int64], Float, NDArray[np.integer]]:
    """Split a mesh where it bends by more than `crease` [rad] and give each copy of a vertex its own normal.

    A corner's normal is the area-weighted mean over the faces at its position whose normals are within `crease` of its
    own face's. Positions are compared, not indices, since STL files repeat vertices.

    Returns:
        vertices (W, 3), faces (F, 3), normals (W, 3) and the index (W,) of the vertex each came from.
    """
    _, place = np.unique(np.round(vertices / 1e-7).astype(np.int64), axis=0, return_inverse=True)
    edges = vertices[faces[:, 1:]] - vertices[faces[:, :1]]
    areas = np.cross(edges[:, 0], edges[:, 1])  # (F, 3), normal times twice the area
    solid = np.linalg.norm(areas, axis=1) > 1e-14
    faces, areas = faces[solid], areas[solid]
    units = _unit(areas)

    corner_place = place.reshape(-1)[faces.reshape(-1)]  # (3F,)
    order = np.argsort(corner_place, kind="stable")
    counts = np.bincount(corner_place)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    reach = counts[corner_place]  # how many corners share each corner's position
    first = np.repeat(np.arange(len(corner_place)), reach)
    step = np.arange(len(first)) - np.repeat(np.cumsum(reach) - reach, reach)
    second = order[starts[corner_place[first]] + step]
    smooth = (units[first // 3] * units[second // 3]).sum(axis=1) >= np.cos(crease)
    first, second = first[smooth], second[smooth]
    weights = areas[second // 3]
    normals = _unit(np.stack([np.bincount(first, weights[:, k], len(corner_place)) for k in range(3)], axis=1))

    quantised = np.round((normals + 1) * 500).astype(np.int64)  # equal to a thousandth is the same normal
    key = ((faces.reshape(-1) * 1001 + quantised[:, 0]) * 1001 + quantised[:, 1]) * 1001 + quantised[:, 2]
    _, kept, corner_to_new = np.unique(key, return_index=True, return_inverse=True)
    source = faces.reshape(-1)[kept]
    return vertices[source], corner_to_new.reshape(-1, 3), normals[kept], source


def _cut_long_edges(attributes: Float, faces: NDArray[np.int64], longest: float) -> tuple[Float, NDArray[np.int64]]:
    """Quarter triangles until no edge is longer than `longest` [m]; attributes (V, C) start with the position.

    Light is sampled per vertex, so a long thin triangle would smear it.
    """
    done = []
    for _ in range(8):
        corners = attributes[faces, :3]
        long = (np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2) > longest).any(axis=1)
        done.append(faces[~long])
        faces = faces[long]
        if len(faces) == 0:
            break
        edges = np.sort(np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
        unique, inverse = np.unique(edges[:, 0] * len(attributes) + edges[:, 1], return_inverse=True)
        middle = len(attributes) + inverse.reshape(-1, 3)  # new vertex of edges 01, 12, 20
        ends = np.stack(np.divmod(unique, len(attributes)), axis=1)
        attributes = np.concatenate([attributes, attributes[ends].mean(axis=1)])
        a, b, c = faces.T
        ab, bc, ca = middle.T
        faces = np.concatenate([np.stack(t, axis=1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
    return attributes, np.concatenate([*done, faces])


def beads(path: Path3D) -> Surface:
    """A path as a string of spheres, one at each position and small ones between, a radius and a half apart."""
    centers, radii = [path.positions], [np.full(len(path.positions), path.radius_m)]
    for start, end in zip(path.positions[:-1], path.positions[1:], strict=True):
        count = int(np.linalg.norm(end - start) / (0.75 * path.radius_m))
        centers.append(start + (end - start) * np.linspace(0, 1, count + 2)[1:-1, None])
        radii.append(np.full(count, 0.45 * path.radius_m))
    ball, ball_faces = _icosphere()
    middle, radius = np.concatenate(centers), np.concatenate(radii)
    vertices = (middle[:, None] + ball * radius[:, None, None]).reshape(-1, 3)
    faces = (np.arange(len(middle))[:, None, None] * len(ball) + ball_faces).reshape(-1, 3)
    normals = np.tile(ball, (len(middle), 1))
    return Surface(vertices, faces, normals, np.tile(np.array(path.color) / 255.0, (len(vertices), 1)))


def _icosphere() -> tuple[Float, NDArray[np.int64]]:
    """A unit sphere of 42 vertices and 80 triangles: an icosahedron with each triangle quartered."""
    g = (1 + 5**0.5) / 2
    rectangle = [(a, b * g) for a in (-1, 1) for b in (-1, 1)]
    corners = np.array([np.roll((0.0, *pair), axis) for axis in range(3) for pair in rectangle])  # edges of length 2
    near = np.abs(np.linalg.norm(corners[:, None] - corners[None], axis=2) - 2) < 1e-9
    triples = combinations(range(12), 3)
    faces = np.array([(i, j, k) for i, j, k in triples if near[i, j] and near[j, k] and near[i, k]])
    a, b, c = np.moveaxis(corners[faces], 1, 0)
    inwards = (np.cross(b - a, c - a) * a).sum(axis=1) < 0
    faces[inwards] = faces[inwards][:, ::-1]
    vertices, faces = _cut_long_edges(corners, faces, 1.5)
    return _unit(vertices), faces


def _unit(vectors: Float) -> Float:
    """Vectors (..., 3) at length one; zero vectors stay zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-30)
