"""A family's template: the surface of its reference member, and how far two of its points are along the surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from sparsedff.synthetic.families.registry import family_of
from sparsedff.synthetic.shapes.mesh import ObjectMesh, build_mesh
from sparsedff.synthetic.shapes.objects import ProceduralObject

Float = NDArray[np.float64]
Index = NDArray[np.int64]

CELL_M = 0.003
"""Resolution of the templates' meshes: walls of 5 mm keep two sides."""
TURNS = 24
"""Turns that stand for all turns of a shape of revolution."""
REACH_M = 0.45
"""Distances beyond this are not followed: the widest Gaussian of the kernel is zero there."""
_TOUCHING_M = 1e-6  # a graph cannot hold edges of length zero


@dataclass(frozen=True, eq=False)
class Template:
    """The reference member of a family.

    Attributes:
        family: its name.
        shape: the member, in its object frame.
        mesh: of the member, V vertices.
        graph: (V, V) lengths of the mesh's edges [m]. Vertices that a symmetry turn of the shape brings near each other
            are joined too, by what they then miss each other by: distances are the smallest over the turns.
    """

    family: str
    shape: ProceduralObject
    mesh: ObjectMesh
    graph: csr_matrix

    def distances(self, vertices: Index) -> NDArray[np.float32]:
        """Geodesic distances (len(vertices), V) [m], infinite beyond REACH_M."""
        return np.asarray(dijkstra(self.graph, directed=False, indices=vertices, limit=REACH_M), dtype=np.float32)

    def nearest(self, points: Float) -> Index:
        """Vertices (N,) nearest to points (N, 3) [m] of the object frame."""
        return np.asarray(cKDTree(self.mesh.vertices).query(points)[1], dtype=np.int64)


def make_template(family: str) -> Template:
    """The template of a family.

    Raises:
        ConfigError: there is no such family.
    """
    kind = family_of(family)
    shape = kind.build(kind.reference)
    mesh = build_mesh(shape, CELL_M)
    return Template(family, shape, mesh, _graph(mesh, kind.symmetry_of(shape)))


def turns_of(template: Template) -> list[Float]:
    """Rotations (3, 3) about the vertical that leave the template as it is, the identity first."""
    return _turns(family_of(template.family).symmetry_of(template.shape))


def spread_vertices(points: Float, count: int) -> Index:
    """At most `count` of the points (N, 3), by farthest point sampling from the first; the same on every machine."""
    count = min(count, len(points))
    chosen = np.zeros(count, dtype=np.int64)
    nearest = np.linalg.norm(points - points[0], axis=1)
    for index in range(1, count):
        chosen[index] = int(np.argmax(nearest))
        nearest = np.minimum(nearest, np.linalg.norm(points - points[chosen[index]], axis=1))
    return chosen


def _graph(mesh: ObjectMesh, symmetry: int) -> csr_matrix:
    """Edges of the mesh, those across each quadrilateral of two faces, and those of the symmetry."""
    faces, vertices = mesh.faces, mesh.vertices
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    opposite = np.concatenate([faces[:, 2], faces[:, 0], faces[:, 1]])
    # Two faces share an edge: the corners that face each other get an edge too, which halves the detours of paths.
    order = np.lexsort((edges.max(axis=1), edges.min(axis=1)))
    low, high, corner = edges.min(axis=1)[order], edges.max(axis=1)[order], opposite[order]
    shared = np.flatnonzero((low[1:] == low[:-1]) & (high[1:] == high[:-1]))
    across = np.stack([corner[shared], corner[shared + 1]], axis=1)
    every = np.concatenate([np.stack([low, high], axis=1), across])
    every = np.unique(np.sort(every, axis=1), axis=0)
    lengths = np.linalg.norm(vertices[every[:, 0]] - vertices[every[:, 1]], axis=1)
    tree = cKDTree(vertices)
    for turn in _turns(symmetry)[1:]:
        # What a turn misses the nearest vertex by is walked, or many turns would lead anywhere for nothing.
        missed, turned = tree.query(vertices @ turn.T)
        every = np.concatenate([every, np.stack([np.arange(len(vertices)), turned], axis=1)])
        lengths = np.concatenate([lengths, missed])
    every = np.sort(every, axis=1)
    # Of several edges between the same two vertices the shortest counts; a sparse matrix would add them.
    order = np.lexsort((lengths, every[:, 1], every[:, 0]))
    every, lengths = every[order], lengths[order]
    first = np.append(True, np.any(every[1:] != every[:-1], axis=1)) & (every[:, 0] != every[:, 1])
    every, lengths = every[first], lengths[first]
    size = len(vertices)
    return coo_matrix((np.maximum(lengths, _TOUCHING_M), (every[:, 0], every[:, 1])), shape=(size, size)).tocsr()


def _turns(symmetry: int) -> list[Float]:
    """Rotations (3, 3) about the vertical that leave a shape of `Family.symmetry` as it is, the identity first."""
    count = symmetry or TURNS
    angles = 2 * np.pi * np.arange(count) / count
    return [
        np.array([[np.cos(angle), -np.sin(angle), 0.0], [np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])
        for angle in angles
    ]
