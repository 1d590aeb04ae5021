"""Triangle meshes of procedural objects, every vertex labelled with its part and its place on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import marching_cubes

from sparsedff.synthetic.shapes.objects import ProceduralObject

COARSE = 4  # cells of the search grid per coarse cell


@dataclass(frozen=True, eq=False)
class ObjectMesh:
    """A closed triangle mesh in the object frame.

    Attributes:
        vertices: (V, 3) float64 [m].
        faces: (F, 3) int64, counter-clockwise seen from outside.
        part_id: (V,) int64, index of the nearest part in the object's `parts`.
        canonical: (V, 3) float64, canonical coordinates on that part.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    part_id: NDArray[np.int64]
    canonical: NDArray[np.float64]


def build_mesh(shape: ProceduralObject, cell_m: float = 0.0025) -> ObjectMesh:
    """Mesh the zero level of a procedural object by marching cubes on a grid of `cell_m` [m].

    The distance is first sampled on a grid four times coarser; only where that says the surface can be is it evaluated
    exactly. Vertices are then moved onto the zero level, which leaves errors of about cell^2 / (8 R) within faces.
    """
    low, high = shape.bounds() + np.array([[-4.0], [4.0]]) * cell_m
    coarse_count = np.ceil((high - low) / (COARSE * cell_m)).astype(int) + 1
    coarse = shape.distance(_grid(low, coarse_count, COARSE * cell_m)).reshape(coarse_count)
    fine_count = (coarse_count - 1) * COARSE + 1
    volume = ndimage.zoom(coarse, fine_count / coarse_count, order=1, grid_mode=False)
    near = np.flatnonzero(np.abs(volume).ravel() < 1.5 * COARSE * cell_m)
    points = _grid(low, fine_count, cell_m)[near]
    volume.reshape(-1)[near] = shape.distance(points)

    vertices, faces, _, _ = marching_cubes(volume, level=0.0, spacing=(cell_m,) * 3, gradient_direction="descent")
    vertices = shape.move_to_level(vertices + low, iterations=1)
    part_id = np.argmin(shape.part_distances(vertices), axis=1)
    canonical = np.empty_like(vertices)
    for index, part in enumerate(shape.parts):
        canonical[part_id == index] = part.to_canonical(vertices[part_id == index])
    return ObjectMesh(vertices, faces.astype(np.int64), part_id, canonical)


def _grid(low: NDArray[np.float64], count: NDArray[np.int64], step_m: float) -> NDArray[np.float64]:
    """Grid points (count.prod(), 3) [m] from `low` (3,), the last axis running fastest."""
    axes = [low[axis] + step_m * np.arange(count[axis]) for axis in range(3)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
