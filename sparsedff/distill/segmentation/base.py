"""What a segmenter is: pixels of an undistorted view that show the object."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import View
from sparsedff.distill.settings import Workspace
from sparsedff.geometry import apply, backproject


class Segmenter(Protocol):
    """Finds the object in one undistorted view."""

    def mask(self, view: View, workspace: Workspace) -> NDArray[np.bool_]:
        """(H, W) True on the object's pixels with valid depth; all False where none is seen."""
        ...


def world_points(view: View) -> NDArray[np.float64]:
    """(H, W, 3) [m] world points of an undistorted view; meaningless where depth is 0."""
    return apply(np.asarray(view.world_from_camera), backproject(view.depth_m, view.intrinsics))
