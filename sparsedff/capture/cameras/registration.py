"""Depth registered to the colour camera by our own projection, where the camera's library cannot do it.

The depth camera's image is taken as a surface. Per square of four neighbouring readings:

1. back-project the corners through the depth camera's lens, move them into the colour camera's frame and project them
   through its lens, distortion included: the result lies on the colour image as the camera gave it;
2. fill the square in the colour image with samples less than a pixel apart, interpolating 1/z, which is linear there;
3. of all samples that fall on a pixel keep the nearest (occlusion: what the colour camera cannot see is overwritten).

Squares with a missing corner, or over a step in depth, are not filled: the mean of two surfaces lies on neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.lens import project, rays
from sparsedff.geometry import Float, apply

_STEP_SHARE = 0.03  # of the distance: corners of a square that differ by more lie on two surfaces
_DENSER = 1.3  # samples per pixel along an edge: squares may lie askew in the image
_MOST = 32  # samples along an edge; a square that needs more is seen edge-on
_HERE, _NEXT = slice(None, -1), slice(1, None)
_CORNERS = ((_HERE, _HERE), (_HERE, _NEXT), (_NEXT, _HERE), (_NEXT, _NEXT))


@dataclass(frozen=True)
class DepthGeometry:
    """The two cameras of one device.

    Attributes:
        depth_intrinsics, color_intrinsics: (3, 3) [px].
        depth_distortion, color_distortion: (8,) OpenCV's rational model.
        color_from_depth: (4, 4) [m].
        color_size: (width, height) [px].
    """

    depth_intrinsics: Float
    depth_distortion: Float
    color_intrinsics: Float
    color_distortion: Float
    color_from_depth: Float
    color_size: tuple[int, int]


class Registration:
    """Registers the images of one device; the rays of its depth camera are found once.

    Args:
        geometry: the device's cameras.
    """

    def __init__(self, geometry: DepthGeometry) -> None:
        self._geometry = geometry
        self._rays: dict[tuple[int, ...], Float] = {}

    def __call__(self, depth_m: NDArray[np.floating]) -> NDArray[np.float32]:
        """Depth along the colour camera's axis (H, W) [m] of the depth camera's readings (h, w) [m]; 0 = no reading.

        See the file's head for the method; docs/method.md, section 1.
        """
        depth = np.asarray(depth_m, dtype=np.float64)
        readings = np.stack([depth[corner] for corner in _CORNERS])
        whole = readings.min(axis=0) > 0
        whole &= np.ptp(readings, axis=0) <= _STEP_SHARE * readings.min(axis=0)
        values = self._on_color(depth)
        corners = np.stack([values[corner][whole] for corner in _CORNERS])  # (4, N, 3) u, v, 1/z

        edges = [np.abs(corners[a] - corners[b])[:, :2].max(axis=1) for a, b in ((0, 1), (2, 3), (0, 2), (1, 3))]
        counts = np.ceil(_DENSER * np.max(edges, axis=0, initial=0)).astype(np.int64)
        width, height = self._geometry.color_size
        nearest = np.full(height * width, np.inf)
        for count in np.unique(counts[(counts > 0) & (counts <= _MOST)]):
            _fill(nearest, corners[:, counts == count], int(count), (width, height))
        nearest[np.isinf(nearest)] = 0
        return nearest.reshape(height, width).astype(np.float32)

    def _on_color(self, depth_m: Float) -> Float:
        """(h, w, 3): colour pixel u, v and 1/z [1/m] of every reading; meaningless where there is none."""
        g, shape = self._geometry, depth_m.shape
        if shape not in self._rays:
            u, v = np.meshgrid(np.arange(shape[1], dtype=np.float64), np.arange(shape[0], dtype=np.float64))
            pixels = np.stack([u, v], axis=-1).reshape(-1, 2)
            self._rays[shape] = rays(pixels, g.depth_intrinsics, g.depth_distortion)
        seen = np.where(depth_m > 0, depth_m, 1.0).reshape(-1, 1)
        points = apply(g.color_from_depth, self._rays[shape] * seen)
        points[:, 2] = np.maximum(points[:, 2], 1e-6)  # behind the colour camera: falls far outside the image
        pixels = project(points, g.color_intrinsics, g.color_distortion)
        return np.concatenate([pixels, 1 / points[:, 2:]], axis=1).reshape(*shape, 3)


def _fill(nearest: Float, corners: Float, count: int, size: tuple[int, int]) -> None:
    """Lower `nearest` (H W) [m] to the samples, count x count of them in each square of corners (4, N, 3)."""
    inside = (np.arange(count) + 0.5) / count
    for down in inside:
        left, right = (1 - down) * corners[0] + down * corners[2], (1 - down) * corners[1] + down * corners[3]
        for along in inside:
            u, v, inverse_z = ((1 - along) * left + along * right).T
            column, row = np.rint(u).astype(np.int64), np.rint(v).astype(np.int64)
            on = (column >= 0) & (column < size[0]) & (row >= 0) & (row < size[1])
            np.minimum.at(nearest, row[on] * size[0] + column[on], 1 / inverse_z[on])
