"""How much of an object is seen: the entries of scene_gt_info.json from its silhouette and the part that is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.bop.frame import NOWHERE, Box, Visibility

Mask = NDArray[np.bool_]


def visibility_of(silhouette: Mask, shown: Mask, depth_m: NDArray[np.floating]) -> Visibility:
    """What scene_gt_info.json says of an object.

    Args:
        silhouette: (H, W) where it would be seen if nothing else were there.
        shown: (H, W) where it is seen.
        depth_m: (H, W) [m] of the sensor, 0 = no reading.
    """
    every, visible = int(silhouette.sum()), int(shown.sum())
    valid = int((silhouette & (depth_m > 0)).sum())
    share = visible / every if every else 0.0
    return Visibility(box_of(silhouette), box_of(shown), every, valid, visible, share)


def box_of(mask: Mask) -> Box:
    """The box around a mask (H, W), whose width and height count pixels."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return NOWHERE
    left, upper = int(columns.min()), int(rows.min())
    return left, upper, int(columns.max()) - left + 1, int(rows.max()) - upper + 1
