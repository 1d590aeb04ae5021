"""A lab's own thing: its surface, from a mesh or from a capture, coordinates of its points, and scenes that show it.

A thing that belongs to no family has no correspondence with anything, but it knows itself. Its coordinates come from
the kernel of geodesic distances, as those of the families do (targets.py), and are turned as a whole to lie as
near as can be to what the network says of the thing already: what is like a known part stays like it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.linalg import eigh, orthogonal_procrustes
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.spread import typical_l1
from sparsedff.errors import DistillError
from sparsedff.files.opened import decoding, read_bytes
from sparsedff.geometry import one_a_cell
from sparsedff.learn.scenes import LearnScene, compact_scene, pose_on_table, scene_on_table
from sparsedff.learn.targets import ANCHORS, kernel
from sparsedff.learn.template import REACH_M, spread_vertices
from sparsedff.learn.views import Seen

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

MESHES = (".stl", ".obj", ".ply", ".glb", ".off")
SIZE_M = (0.03, 0.6)
"""Longest side of a thing that a hand can hold; a mesh of another size is in other units."""
SCENES = 12
"""Of a mesh: other cameras, other tilts. A capture is one scene; what is drawn of it differs all the same."""
SAMPLES = 30_000
"""Points of a mesh's surface before they are thinned."""
CELL_M, JOINED_M = 0.004, 0.012
"""Points of the surface are thinned to a cell, and joined to those within the second distance..."""
FACING = -0.2
"""...whose normals do not face away, as those of a thin wall's other side do (cosine)."""
REMEDY = f"give a mesh ({', '.join(MESHES)}) in metres with z up, or a folder of a capture"


@dataclass(frozen=True, eq=False)
class OwnThing:
    """What is known of a thing.

    Attributes:
        name: of its file or folder.
        points, normals: (V, 3) [m] of its surface, evenly spread, in its own frame.
        scenes: that show it; their `template` is in that frame.
    """

    name: str
    points: Float
    normals: Float
    scenes: tuple[LearnScene, ...]


def thing_of_mesh(path: Path, seed: int) -> OwnThing:
    """A thing from a mesh file: metres, z up, standing on its lowest point.

    Raises:
        DistillError: no mesh, or not of a size that a hand can hold.
    """
    content = read_bytes(path, DistillError, REMEDY)
    with decoding(path, DistillError, REMEDY, "is no mesh"):
        mesh = trimesh.load_mesh(io.BytesIO(content), file_type=path.suffix.lower().lstrip("."))
        longest = float(np.max(mesh.extents))
    if not SIZE_M[0] <= longest <= SIZE_M[1]:
        raise DistillError(
            f"{path}: the mesh is {longest:.3g} m long; things of {SIZE_M[0]:g} to {SIZE_M[1]:g} m can be learned, so "
            "scale it to metres"
        )
    rng = np.random.default_rng([seed, *path.stem.encode()])
    solid = np.asarray(mesh.vertices, dtype=np.float64), np.asarray(mesh.faces)
    scenes = [scene_on_table(path.stem, solid, pose_on_table(rng, lying=0.0), rng) for _ in range(SCENES)]
    points, faces = trimesh.sample.sample_surface(mesh, SAMPLES, seed=seed)
    return _thing(path.stem, np.asarray(points), mesh.face_normals[faces], scenes)


def thing_of_cloud(name: str, cloud: FeatureCloud, normals: NDArray[np.floating], eyes: Float) -> OwnThing:
    """A thing as a capture shows it, in the world's frame.

    Args:
        name: of the capture.
        cloud: its points, with the views they come from.
        normals: (N, 3) of the points.
        eyes: (views, 3) [m] of the cameras.
    """
    points = cloud.points.astype(np.float64)
    middle = one_a_cell(points, CELL_M).mean(axis=0)
    facing = np.asarray(normals, dtype=np.float64)
    scene = compact_scene(name, Seen(points, facing, cloud.view_index, eyes), points, middle)
    return _thing(name, points, facing, [scene])


def own_coordinates(thing: OwnThing, known: Float32) -> Float32:
    """Coordinates (V, K) of a thing's points.

    Args:
        thing: whose.
        known: (V, K) what the network says of the points; decides how the coordinates are turned.
    """
    anchors = spread_vertices(thing.points, ANCHORS)
    reached = dijkstra(_graph(thing.points, thing.normals), directed=False, indices=anchors, limit=REACH_M)
    table = kernel(reached.T)
    channels = known.shape[1]
    square = table[anchors].astype(np.float64)
    size = len(square)
    first = max(0, size - channels)
    values, vectors = eigh(0.5 * (square + square.T), subset_by_index=(first, size - 1))
    own = np.zeros((len(table), channels))
    own[:, : size - first] = table @ (vectors / np.sqrt(np.maximum(values, 1e-9)))
    turn, _ = orthogonal_procrustes(own, known.astype(np.float64))
    own = own @ turn
    return (own / max(typical_l1(own), 1e-9)).astype(np.float32)


def coordinates_of_scene(thing: OwnThing, coordinates: Float32, scene: LearnScene) -> Float32:
    """Coordinates (N, K) of a scene's points: those of the nearest point of the thing."""
    return coordinates[cKDTree(thing.points).query(scene.template)[1]]


def _graph(points: Float, normals: Float) -> csr_matrix:
    """(V, V) distances [m] of neighbours on the surface."""
    pairs = cKDTree(points).query_pairs(JOINED_M, output_type="ndarray")
    alike = np.einsum("ni,ni->n", normals[pairs[:, 0]], normals[pairs[:, 1]]) > FACING
    pairs = pairs[alike]
    lengths = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    return coo_matrix((np.maximum(lengths, 1e-6), (pairs[:, 0], pairs[:, 1])), shape=(len(points),) * 2).tocsr()


def _thing(name: str, points: Float, normals: Float, scenes: list[LearnScene]) -> OwnThing:
    even = one_a_cell(points, CELL_M)
    return OwnThing(name, even, normals[cKDTree(points).query(even)[1]], tuple(scenes))
