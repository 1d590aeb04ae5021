"""Dense DAISY descriptors of an object at a fixed scale in metres, whatever the camera's resolution and distance."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.feature import daisy

from sparsedff.distill.backbones.base import ObjectView

STEP_PX = 4
"""Descriptors are computed every so many pixels of the resampled crop and interpolated between."""


def daisy_maps(view: ObjectView, radii_m: tuple[float, ...], pixels_per_metre: float) -> NDArray[np.float32]:
    """DAISY at several radii around every grid cell: (rows, columns, 200 per radius).

    The crop is resampled so that a metre at the object's distance has `pixels_per_metre` pixels; what surrounds the
    object stays visible to the descriptor, beyond the image its border is repeated.

    Args:
        view: gives image, crop and grid.
        radii_m: outer radii of the descriptors on the object [m].
        pixels_per_metre: of the resampled crop.
    """
    factor = pixels_per_metre / view.pixels_per_metre
    radii_px = [round(radius * pixels_per_metre) for radius in radii_m]
    margin = max(radii_px) + 2 * STEP_PX
    left, top, right, bottom = view.box
    columns = np.arange(-margin, round((right - left) * factor) + margin) / factor + left
    rows = np.arange(-margin, round((bottom - top) * factor) + margin) / factor + top
    gray = np.asarray(cv2.cvtColor(np.array(view.color_rgb), cv2.COLOR_RGB2GRAY), dtype=np.float32) / 255
    if factor < 1:  # shrinking: remove what the coarser grid cannot hold
        gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), 0.5 / factor))
    map_x, map_y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    image = cv2.remap(gray, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)

    u, v = view.cell_centres()
    u, v = (u - columns[0]) * factor, (v - rows[0]) * factor  # in pixels of the resampled crop
    maps = []
    for radius in radii_px:
        inner = image[margin - radius - STEP_PX :, margin - radius - STEP_PX :]
        grid = daisy(inner, step=STEP_PX, radius=radius, rings=3, histograms=8, orientations=8)
        offset = margin - STEP_PX  # the first descriptor's centre
        maps.append(_sample(grid.astype(np.float32), (u - offset) / STEP_PX, (v - offset) / STEP_PX))
    return np.concatenate(maps, axis=-1)


def _sample(grid: NDArray[np.float32], u: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float32]:
    """Bilinear samples (rows, columns, C) of a map (H, W, C) at positions u, v (rows, columns) [cells]."""
    height, width = grid.shape[:2]
    u, v = np.clip(u, 0, width - 1), np.clip(v, 0, height - 1)
    u0, v0 = np.minimum(u.astype(int), max(width - 2, 0)), np.minimum(v.astype(int), max(height - 2, 0))
    u1, v1 = np.minimum(u0 + 1, width - 1), np.minimum(v0 + 1, height - 1)
    a, b = (u - u0)[..., None], (v - v0)[..., None]
    upper = grid[v0, u0] * (1 - a) + grid[v0, u1] * a
    lower = grid[v1, u0] * (1 - a) + grid[v1, u1] * a
    return np.asarray(upper * (1 - b) + lower * b, dtype=np.float32)
