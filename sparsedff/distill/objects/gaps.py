"""Gaps between pieces: whether a camera sees through one, or the object may go on where nothing of it is seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.distil import SegmentedView
from sparsedff.geometry import apply, inverse, project

BEHIND_M = 0.02
"""A depth this far behind a place says that the place is empty [m]; views disagree by up to 1 cm."""
PLACES = 7


def is_hidden(views: Sequence[SegmentedView], start: NDArray[np.float64], end: NDArray[np.float64]) -> bool:
    """Whether no view looks through the space between two points.

    A view looks through a place where it measures a depth well behind it. It does not where something stands in front,
    where the sensor measures nothing, where the place is outside the image, and where a surface is: pieces of an object
    that are joined only below the height at which the segmenter cuts it off are not seen through.

    Args:
        views: undistorted, with depth.
        start, end: (3,) [m] in the world.
    """
    share = np.linspace(0, 1, PLACES + 2)[1:-1, None]
    return not any(_sees_through(seen, (1 - share) * start + share * end) for seen in views)


def _sees_through(seen: SegmentedView, places: NDArray[np.float64]) -> bool:
    """Whether a view measures a depth behind any of the places (N, 3) [m]."""
    view = seen.view
    camera = apply(inverse(np.asarray(view.world_from_camera)), places)
    camera = camera[camera[:, 2] > 0]
    pixels = np.rint(project(camera, view.intrinsics)).astype(np.int64)
    inside = ((pixels >= 0) & (pixels < view.image_size)).all(axis=1)
    measured = view.depth_m[pixels[inside, 1], pixels[inside, 0]]
    return bool((measured > camera[inside, 2] + BEHIND_M).any())
