"""Which pixels show the object: the segmenter protocol and `physics`, which needs depth and no weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import View
from sparsedff.capture.plane import PlaneSearch, fit_plane
from sparsedff.geometry import apply, backproject


@dataclass(frozen=True)
class Workspace:
    """The box in which objects are looked for, world frame, [min, max] in metres per axis."""

    x: tuple[float, float]
    y: tuple[float, float]
    z: tuple[float, float]

    def contains(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(...) True where points (..., 3) [m] lie inside."""
        low, high = np.array([self.x, self.y, self.z]).T
        return ((points > low) & (points < high)).all(axis=-1)


class Segmenter(Protocol):
    """Finds the object in one undistorted view."""

    def mask(self, view: View, workspace: Workspace) -> NDArray[np.bool_]:
        """(H, W) True on the object's pixels with valid depth; all False where none is seen."""
        ...


def world_points(view: View) -> NDArray[np.float64]:
    """(H, W, 3) [m] world points of an undistorted view; meaningless where depth is 0."""
    return apply(np.asarray(view.world_from_camera), backproject(view.depth_m, view.intrinsics))


@dataclass(frozen=True)
class PhysicsSegmenter:
    """Everything in the workspace that stands on the table: RANSAC plane per view, points above it.

    Attributes:
        plane_tolerance_m: a point this near the plane supports it.
        min_height_m: points higher than this above the plane belong to objects.
        plane_max_tilt_deg: planes that lean further from the world's xy-plane are not the table.
        ransac_iterations: planes tried.
        min_object_pixels: smaller connected regions are noise.
        max_depth_step_m: pixels whose depth differs by more from a neighbour's are flying pixels and are dropped.
        seed: of the RANSAC draws.
    """

    plane_tolerance_m: float = 0.01
    min_height_m: float = 0.02
    plane_max_tilt_deg: float = 20.0
    ransac_iterations: int = 200
    min_object_pixels: int = 50
    max_depth_step_m: float = 0.02
    seed: int = 0

    def mask(self, view: View, workspace: Workspace) -> NDArray[np.bool_]:
        """See `Segmenter`. Where no plane is found (an object fills the box) the world's z = 0 is the table."""
        points = world_points(view)
        valid = (view.depth_m > 0) & workspace.contains(points)
        if valid.sum() < self.min_object_pixels:
            return np.zeros_like(valid)
        normal, offset = self._table(points[valid])
        above = valid & (points @ normal - offset > self.min_height_m)
        above &= ~flying_pixels(view.depth_m, self.max_depth_step_m)
        count, label, stats, _ = cv2.connectedComponentsWithStats(above.astype(np.uint8), connectivity=8)
        keep = np.array([False] + [stats[i, cv2.CC_STAT_AREA] >= self.min_object_pixels for i in range(1, count)])
        return np.asarray(keep[label], dtype=np.bool_)

    def _table(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Upward unit normal (3,) and offset [m] of the best supported near-horizontal plane near the world's table.

        An object's flat top is horizontal as well, so only planes within twice `min_height_m` of z = 0 qualify.
        """
        rng = np.random.default_rng(self.seed)
        sample = points[rng.choice(len(points), size=min(len(points), 5000), replace=False)]
        level, near = np.cos(np.radians(self.plane_max_tilt_deg)), 2 * self.min_height_m

        def like_table(normals: NDArray[np.float64], offsets: NDArray[np.float64]) -> NDArray[np.bool_]:
            return (np.abs(normals[:, 2]) > level) & (np.abs(offsets) < near)

        found = fit_plane(sample, PlaneSearch(self.plane_tolerance_m, self.ransac_iterations), rng, like_table)
        if found is None:
            return np.array([0.0, 0.0, 1.0]), 0.0
        upwards = 1.0 if found.normal[2] >= 0 else -1.0
        return upwards * found.normal, upwards * found.offset


def flying_pixels(depth_m: NDArray[np.floating], max_step_m: float) -> NDArray[np.bool_]:
    """(H, W) True where depth jumps by more than `max_step_m` to a valid 4-neighbour: time-of-flight edge artefacts."""
    depth = np.asarray(depth_m)
    flying = np.zeros(depth.shape, dtype=bool)
    for axis in (0, 1):
        ahead, behind = np.moveaxis(depth, axis, 0)[1:], np.moveaxis(depth, axis, 0)[:-1]
        jump = (np.abs(ahead - behind) > max_step_m) & (ahead > 0) & (behind > 0)
        target = np.moveaxis(flying, axis, 0)
        target[1:] |= jump
        target[:-1] |= jump
    return flying
