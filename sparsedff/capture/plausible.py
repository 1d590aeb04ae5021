"""Captures whose numbers are in wrong units are told by what they would mean."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from sparsedff.capture.model import View
from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.geometry import Float, apply, unproject

log = logging.getLogger(__name__)

FARTHEST_M = 10.0
"""No camera that watches a table stands farther from it [m]."""

_FACTORS = {10.0: "tenths of a millimetre", 1000.0: "metres taken for millimetres", 0.1: "centimetres", 0.001: "metres"}
"""What depth is in where it is so many times too large and was taken for millimetres."""

_STEPS = 60  # rows and columns of depth readings that are looked at
_TABLE_M, _AROUND_M = 0.05, 1.0  # a reading shows the table this near to z = 0 and to the world's origin
_FEW, _MANY = 0.02, 0.2  # shares of the readings that show it
_LOWEST_M = 0.15  # of a camera over the table: nearer ones show too little of it
_OFF_CENTRE, _ALIKE = 0.12, 0.03  # of the image's width and height


def check_plausible(views: Sequence[View], what: str) -> None:
    """Refuse a capture in which a camera stands absurdly far away or depth shows a table only in other units.

    A lens that fits another image size is warned of, for a cropped image can look the same.

    Args:
        views: of one capture.
        what: how an error names it: its folder, or its name.

    Raises:
        CalibrationError, CaptureError: names the camera and the likely unit.
    """
    for view in views:
        distance = float(np.linalg.norm(view.world_from_camera[:3, 3]))
        if distance > FARTHEST_M:
            raise CalibrationError(
                f"{what}: camera {view.serial} stands {distance:.0f} m from the table's origin; are the pose's lengths "
                "millimetres? They are metres here"
            )
        _check_depth(view, what)
        _warn_of_lens(view, what)


def _check_depth(view: View, what: str) -> None:
    if abs(view.world_from_camera[2, 3]) < _LOWEST_M:
        return
    if _share_on_table(view, 1.0) >= _FEW:
        return
    for factor, unit in _FACTORS.items():
        if _share_on_table(view, 1 / factor) > _MANY:
            times = f"{factor:.0f} times too large" if factor > 1 else f"{1 / factor:.0f} times too small"
            raise CaptureError(
                f"{what}: camera {view.serial}: its depth would show the table if it were not {times}; is it in "
                f"{unit}? It is millimetres in files"
            )


def _share_on_table(view: View, factor: float) -> float:
    """Share of the depth readings that lie on the table near the origin, with depth times a factor."""
    v, u = (np.unique(np.linspace(0, n - 1, _STEPS).astype(int)) for n in view.depth_m.shape)
    pixels = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    depth: Float = view.depth_m[pixels[:, 1], pixels[:, 0]].astype(np.float64)
    pixels, depth = pixels[depth > 0], depth[depth > 0]
    if not len(depth):
        return 0.0
    points = apply(view.world_from_camera, unproject(pixels.astype(np.float64), factor * depth, view.intrinsics))
    near = (np.abs(points[:, 2]) < _TABLE_M) & (np.linalg.norm(points[:, :2], axis=1) < _AROUND_M)
    return float(near.mean())


def _warn_of_lens(view: View, what: str) -> None:
    """A principal point that lies off the middle by the same share in both directions belongs to another size."""
    size = np.array(view.image_size, dtype=np.float64)
    centre = (view.intrinsics[:2, 2] + 0.5) / size
    if abs(centre[0] - centre[1]) < _ALIKE and abs(centre.mean() - 0.5) > _OFF_CENTRE:
        width, height = np.round(2 * centre.mean() * size).astype(int)
        log.warning(
            "%s: camera %s: its intrinsics fit an image of %d x %d, the image has %d x %d; scale them, or capture at "
            "that size",
            *(what, view.serial, width, height, *view.image_size),
        )
