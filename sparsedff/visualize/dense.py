"""The object as the cameras saw it, with a point per pixel: denser than the feature cloud, for the eye alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.segmentation.base import world_points
from sparsedff.visualize.drawing import Points


def object_points(views: Sequence[SegmentedView], most: int | None = 60_000, name: str = "object") -> Points:
    """Segmented pixels of all views as coloured world points.

    Args:
        views: at least one, each with its object.
        most: if there are more pixels, every second, third ... is taken; None takes all.
        name: for the legend.
    """
    positions = np.concatenate([world_points(seen.view)[seen.mask] for seen in views])
    colors = np.concatenate([seen.view.color_rgb[seen.mask] for seen in views])
    kept = slice(None, None, 1 if most is None else max(1, -(-len(positions) // most)))
    return Points(positions[kept], colors[kept], name=name)
