"""`physics`: the object by depth alone, without weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import View
from sparsedff.capture.plane import PlaneSearch, fit_plane
from sparsedff.distill.segmentation.base import world_points
from sparsedff.distill.settings import DistilSettings, PhysicsSettings, Workspace

if TYPE_CHECKING:  # the camera machine has no torch
    import torch


@dataclass(frozen=True)
class PhysicsSegmenter:
    """Everything in the workspace that stands on the table: RANSAC plane per view, points above it.

    Attributes:
        settings: tolerances and sizes.
        seed: of the RANSAC draws.
    """

    settings: PhysicsSettings = field(default_factory=PhysicsSettings)
    seed: int = 0

    def identity(self) -> dict[str, object]:
        """Everything that decides what `mask` returns, for caches and reports."""
        return {"class": "PhysicsSegmenter", **asdict(self.settings), "seed": self.seed}

    def mask(self, view: View, workspace: Workspace) -> NDArray[np.bool_]:
        """See `Segmenter`. Where no plane is found (an object fills the box) the world's z = 0 is the table."""
        points = world_points(view)
        valid = (view.depth_m > 0) & workspace.contains(points)
        if valid.sum() < self.settings.min_object_pixels:
            return np.zeros_like(valid)
        normal, offset = self._table(points[valid])
        above = valid & (points @ normal - offset > self.settings.min_height_m)
        above &= ~flying_pixels(view.depth_m, self.settings.max_depth_step_m)
        count, label, stats, _ = cv2.connectedComponentsWithStats(above.astype(np.uint8), connectivity=8)
        keep = np.array(
            [False] + [stats[i, cv2.CC_STAT_AREA] >= self.settings.min_object_pixels for i in range(1, count)]
        )
        return np.asarray(keep[label], dtype=np.bool_)

    def _table(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Upward unit normal (3,) and offset [m] of the best supported near-horizontal plane near the world's table.

        An object's flat top is horizontal as well, so only planes within twice `min_height_m` of z = 0 qualify.
        """
        rng = np.random.default_rng(self.seed)
        sample = points[rng.choice(len(points), size=min(len(points), 5000), replace=False)]
        level, near = np.cos(np.radians(self.settings.plane_max_tilt_deg)), 2 * self.settings.min_height_m

        def like_table(normals: NDArray[np.float64], offsets: NDArray[np.float64]) -> NDArray[np.bool_]:
            return (np.abs(normals[:, 2]) > level) & (np.abs(offsets) < near)

        search = PlaneSearch(self.settings.plane_tolerance_m, self.settings.ransac_iterations)
        found = fit_plane(sample, search, rng, like_table)
        if found is None:
            return np.array([0.0, 0.0, 1.0]), 0.0
        upwards = 1.0 if found.normal[2] >= 0 else -1.0
        return upwards * found.normal, upwards * found.offset


def make_physics(settings: DistilSettings, device: torch.device) -> PhysicsSegmenter:
    """The segmenter as configured; it needs no device."""
    return PhysicsSegmenter(settings.segmentation)


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
