"""The table found in a capture whose world is somewhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sparsedff.calibration.plane import cam0_from_plane, find_table, middle_points
from sparsedff.capture.files.capture_folder import rig_from_views
from sparsedff.capture.model import Capture
from sparsedff.geometry import apply, inverse

_TOLERANCE_M = 0.01


def on_table(capture: Capture, seed: int = 0) -> Capture:
    """The same capture with the table as its world: z up from the plane that the cameras look at.

    The origin is the middle of where the cameras look; x is to the right as the first camera sees it.

    Raises:
        CalibrationError: no plane holds a fifth of what is seen, or no camera looks at it.
    """
    first_from_world = inverse(capture.views[0].world_from_camera)
    seen = (
        apply(first_from_world @ view.world_from_camera, middle_points(view.depth_m, view.intrinsics, view.distortion))
        for view in capture.views
    )
    plane = find_table(np.concatenate(list(seen)), _TOLERANCE_M, np.random.default_rng(seed))
    first_from_table = cam0_from_plane(plane, rig_from_views(capture).cameras)
    table_from_world = inverse(first_from_table) @ first_from_world
    views = (replace(view, world_from_camera=table_from_world @ view.world_from_camera) for view in capture.views)
    return replace(capture, views=tuple(views))
