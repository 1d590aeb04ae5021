"""What a view sees of the scene, as points with normals, told apart into table and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.capture.model import View
from sparsedff.capture.plane import PlaneSearch, fit_plane
from sparsedff.distill.segmentation.physics import flying_pixels
from sparsedff.distill.settings import Workspace
from sparsedff.geometry import Float, apply, unproject

_COLUMNS = 240  # of the grid of pixels that is looked at
_JUMP_M = 0.02  # between neighbouring pixels
_LOOSE_M = 0.1  # a moved camera's table and object lie above or below the workspace by up to this
_LEVEL = np.cos(np.deg2rad(15.0))  # a table tilted more is none
_PLANE = PlaneSearch(tolerance_m=0.01, tries=200, refits=3, counted=2000)
_TABLE_M, _OBJECT_M = 0.008, 0.018  # nearer to the plane than this is table; higher above it is object
_NEIGHBOURS = 24  # that give a point its normal
_FEWEST = 40  # points of a kind that say something


@dataclass(frozen=True, eq=False)
class Surface:
    """Points of one view in the world frame.

    Attributes:
        eye: (3,) where the camera stands [m].
        points: (N, 3) [m].
        normals: (N, 3) unit vectors, towards the camera.
        on_object: (N,) True for points of what stands on the table, False for the table's.
    """

    eye: Float
    points: Float
    normals: Float
    on_object: NDArray[np.bool_]


def surface_of(view: View, workspace: Workspace, count: int, rng: np.random.Generator) -> Surface:
    """The surface that an undistorted view sees in the workspace, told by depth alone.

    The table is the near-horizontal plane that holds most points, wherever the view has it: a camera that has moved
    sees the table elsewhere, and its object stands on that table.

    Args:
        view: undistorted.
        workspace: only what lies over and under its floor plan counts.
        count: points of the table, and points of objects, at most.
        rng: draws them.
    """
    step = max(1, view.image_size[0] // _COLUMNS)
    eye = np.asarray(view.world_from_camera)[:3, 3]
    seen = (view.depth_m > 0) & ~flying_pixels(view.depth_m, _JUMP_M)
    rows, columns = np.nonzero(seen[::step, ::step])
    pixels = step * np.stack([columns, rows], axis=1)
    points = apply(
        np.asarray(view.world_from_camera),
        unproject(pixels, view.depth_m[pixels[:, 1], pixels[:, 0]], view.intrinsics),
    )
    loose = Workspace(workspace.x, workspace.y, (workspace.z[0] - _LOOSE_M, workspace.z[1] + _LOOSE_M))
    points = points[loose.contains(points)]
    nothing = Surface(eye, np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, dtype=bool))
    if len(points) < _FEWEST:
        return nothing
    plane = fit_plane(points, _PLANE, rng, lambda normals, _: np.abs(normals[:, 2]) > _LEVEL)
    if plane is None:
        return nothing
    height = (points @ plane.normal - plane.offset) * np.sign(plane.normal[2])
    table, objects = (_part(points[kind], eye, count, rng) for kind in (np.abs(height) < _TABLE_M, height > _OBJECT_M))
    return Surface(
        eye,
        np.concatenate([table[0], objects[0]]),
        np.concatenate([table[1], objects[1]]),
        np.arange(len(table[0]) + len(objects[0])) >= len(table[0]),
    )


def _part(points: Float, eye: Float, count: int, rng: np.random.Generator) -> tuple[Float, Float]:
    """At most `count` of the points (N, 3), and their normals."""
    if len(points) < _FEWEST:
        return np.zeros((0, 3)), np.zeros((0, 3))
    chosen = points[rng.choice(len(points), min(count, len(points)), replace=False)]
    near = points[cKDTree(points).query(chosen, k=_NEIGHBOURS)[1]]
    spread = near - near.mean(axis=1, keepdims=True)
    normals = np.linalg.eigh(np.einsum("nki,nkj->nij", spread, spread))[1][:, :, 0]
    away = np.einsum("ni,ni->n", normals, eye - chosen) < 0
    normals[away] *= -1
    return chosen, normals
