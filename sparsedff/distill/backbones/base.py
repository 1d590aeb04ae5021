"""What a feature extractor is: the protocol that the embedded descriptors and the foundation models share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.cloud import FeatureCloud


@dataclass(frozen=True, eq=False)
class ObjectView:
    """One undistorted view of the object, and the grid on which its features are wanted.

    Attributes:
        color_rgb: (H, W, 3) uint8, the whole view.
        points_world: (H, W, 3) float64 [m], valid inside the mask.
        mask: (H, W) bool, the object.
        box: (left, top, right, bottom) [px], right and bottom exclusive: the mask's bounding box, the crop.
        grid: (rows, columns) of the wanted feature map over the crop.
        pixels_per_metre: image scale at the object's median distance.
    """

    color_rgb: NDArray[np.uint8]
    points_world: NDArray[np.float64]
    mask: NDArray[np.bool_]
    box: tuple[int, int, int, int]
    grid: tuple[int, int]
    pixels_per_metre: float

    def cell_centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Columns u and rows v (rows, columns) [px] of the grid cells' centres in the whole view."""
        left, top, right, bottom = self.box
        rows, columns = self.grid
        u = left + (np.arange(columns) + 0.5) * (right - left) / columns - 0.5
        v = top + (np.arange(rows) + 0.5) * (bottom - top) / rows - 0.5
        grid_u, grid_v = np.meshgrid(u, v)
        return grid_u, grid_v


class Backbone(Protocol):
    """Dense 2D features of a crop, and how clouds of them are brought to the field's channels."""

    @property
    def name(self) -> str:
        """As in the config."""
        ...

    def extract(self, views: Sequence[ObjectView]) -> list[NDArray[np.float32]]:
        """Raw feature maps (rows, columns, C), one a view, on each view's grid."""
        ...

    def fit(self, reference: FeatureCloud) -> Callable[[FeatureCloud], FeatureCloud]:
        """Learn from the reference scene's raw cloud how both scenes' raw clouds become the field's features."""
        ...
