"""The object as the cameras saw it, with a point per pixel: denser than the feature cloud, for the eye alone."""

from __future__ import annotations

import numpy as np

from sparsedff.capture.model import Capture
from sparsedff.distill.segment import Segmenter, Workspace, world_points
from sparsedff.distill.undistort import undistort
from sparsedff.errors import DistillError
from sparsedff.visualize.scene import Points


def object_points(
    capture: Capture, segmenter: Segmenter, workspace: Workspace, most: int = 60_000, name: str = "object"
) -> Points:
    """Segmented pixels of all views as coloured world points.

    Args:
        capture: at least one view.
        segmenter: finds the object in each view.
        workspace: where objects are looked for.
        most: if there are more pixels, every second, third ... is taken.
        name: for the legend.

    Raises:
        DistillError: no view shows an object.
    """
    positions, colors = [], []
    for view in map(undistort, capture.views):
        mask = segmenter.mask(view, workspace)
        positions.append(world_points(view)[mask])
        colors.append(view.color_rgb[mask])
    count = sum(map(len, positions))
    if count == 0:
        raise DistillError(f"capture {capture.path or capture.name}: no view shows an object to draw")
    kept = slice(None, None, max(1, -(-count // most)))
    return Points(np.concatenate(positions)[kept], np.concatenate(colors)[kept], name=name)
