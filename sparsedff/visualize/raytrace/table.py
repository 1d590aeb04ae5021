"""The table: the plane z = 0 with a fine grid, fading into the white of the page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from sparsedff.visualize.raytrace.stage import TableLight
from sparsedff.visualize.raytrace.viewpoint import Viewpoint

Float = NDArray[np.floating]

GRID_M = 0.05  # distance of grid lines
_BASE = np.array([0.955, 0.955, 0.95])
_LINE_SHADE = 0.075  # how much darker a line is
_LINE_PX = 1.3  # how wide


def draw_table(table: TableLight, viewpoint: Viewpoint, background: Float) -> Float:
    """Colours (H, W, 3) in 0..1 of the plane z = 0, seen from above, and of the background (H, W, 3) around it."""
    v, u = np.mgrid[0 : viewpoint.height, 0 : viewpoint.width].astype(np.float32)
    rays = viewpoint.rays(u, v)
    below = (rays[..., 2] < -1e-6) & (viewpoint.eye[2] > 0)
    distance = np.where(below, -viewpoint.eye[2] / np.where(below, rays[..., 2], -1.0), 0.0)
    x, y = viewpoint.eye[0] + distance * rays[..., 0], viewpoint.eye[1] + distance * rays[..., 1]

    cells = table.light.shape[1]
    where = np.stack([(x - table.origin[0]) / table.cell_m, (y - table.origin[1]) / table.cell_m])
    ambient, key = (map_coordinates(channel, where, order=1, mode="nearest") for channel in table.light)
    middle = table.origin + table.cell_m * (cells - 1) / 2
    spread = np.hypot(x - middle[0], y - middle[1]) / (0.5 * table.cell_m * (cells - 1))
    fade = np.clip((1.15 - spread) / 0.55, 0, 1)
    fade = fade * fade * (3 - 2 * fade)

    lines = np.zeros_like(x)
    metres_per_px = distance / viewpoint.intrinsics[0, 0]
    for coordinate, step in ((x, np.abs(np.gradient(x, axis=1))), (y, np.abs(np.gradient(y, axis=1)))):
        # A line is as wide on the picture wherever it runs: its width on the table follows the pixel there.
        slope = np.maximum(np.maximum(step, np.abs(np.gradient(coordinate, axis=0))), metres_per_px * 0.5)
        off = np.abs(coordinate / GRID_M - np.round(coordinate / GRID_M)) * GRID_M / slope
        lines = np.maximum(lines, np.clip(0.5 * _LINE_PX + 0.5 - off, 0, 1))
    shade = (0.45 + 0.55 * ambient) * (0.68 + 0.32 * key) * (1 - _LINE_SHADE * lines)
    blend = (fade * below)[..., None]
    return blend * _BASE * shade[..., None] + (1 - blend) * background
