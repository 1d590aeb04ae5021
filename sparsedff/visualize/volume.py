"""How similar the field is to one feature, everywhere in a box: sampled on a grid in slices, shown as nested shells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.measure import marching_cubes

from sparsedff.field import FeatureField
from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.drawing import Mesh

Float = NDArray[np.floating]

SLICE = 4096
"""Queries that are asked of the field at once: what lies in memory is this many features, never the grid's."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells in a box along the world's axes.

    Attributes:
        origin: (3,) [m] of the first cell's centre.
        cell_m: distance of centres [m].
        shape: cells along x, y and z.
    """

    origin: Float
    cell_m: float
    shape: tuple[int, int, int]

    @property
    def size(self) -> int:
        """Number of cells."""
        return int(np.prod(self.shape))

    def centers(self, start: int, stop: int) -> Float:
        """Positions (stop - start, 3) [m] of cells by flat index, x slowest."""
        index = np.stack(np.unravel_index(np.arange(start, min(stop, self.size)), self.shape), axis=1)
        return self.origin + self.cell_m * index


def grid_around(points: Float, margin_m: float, most_cells: int, finest_m: float = 0.004) -> Grid:
    """The finest grid of at most `most_cells` cells around points (N, 3) [m]; none lies under the table z = 0."""
    low, high = points.min(axis=0) - margin_m, points.max(axis=0) + margin_m
    low[2] = max(low[2], min(0.0, float(points[:, 2].min())))
    sides = (high - low).astype(np.float64)
    cell = max(finest_m, float(np.cbrt(np.prod(sides) / most_cells)))
    while np.prod(np.floor(sides / cell) + 1) > most_cells:
        cell *= 1.01
    x, y, z = (int(n) for n in np.floor(sides / cell) + 1)
    return Grid(low.astype(np.float64), cell, (x, y, z))


def sample(
    field: FeatureField,
    grid: Grid,
    value: Callable[[Float], Float],
    progress: Callable[[int], object] = lambda cells: None,
) -> NDArray[np.float32]:
    """Values (X, Y, Z) over the grid of a function of the field's features.

    Args:
        field: what is asked.
        grid: where.
        value: features (Q, C) to values (Q,); called slice by slice, so that the grid's features never lie in memory.
        progress: told how many cells were done.
    """
    values = np.empty(grid.size, dtype=np.float32)
    with torch.no_grad():
        for start in range(0, grid.size, SLICE):
            queries = torch.tensor(grid.centers(start, start + SLICE)).to(field.points)
            features = field.values(queries).cpu().numpy()
            values[start : start + len(features)] = value(features)
            progress(len(features))
    return values.reshape(grid.shape)


def shells(values: NDArray[np.floating], grid: Grid, levels: Sequence[float], scale: ColorScale) -> tuple[Mesh, ...]:
    """Veils around what is at least as similar as each level, in the scale's colours, the innermost first.

    Args:
        values: (X, Y, Z).
        grid: where they were taken.
        levels: in any order; a level that no cell reaches, or all do, gives none.
        scale: says which end means similar.
    """
    inner_first = sorted(levels, reverse=not scale.falling)
    meshes = []
    for rank, level in enumerate(inner_first):
        inside = values <= level if scale.falling else values >= level
        if not inside.any() or inside.all():
            continue
        # A rim of dissimilar cells closes the shells at the box's sides.
        rim = float(values.max() if scale.falling else values.min())
        padded = np.pad(values.astype(np.float64), 1, constant_values=rim)
        direction = "descent" if scale.falling else "ascent"
        vertices, faces, _, _ = marching_cubes(padded, level, gradient_direction=direction)
        color = scale.rgb(np.array([level]))[0]
        name = f"field {'under' if scale.falling else 'over'} {level:.3g}"
        opacity = 0.6 / (rank + 1)
        meshes.append(Mesh(grid.origin + grid.cell_m * (vertices - 1), faces, color, name, opacity))
    return tuple(meshes)
