"""What is said of a capture when it was taken: one line a view."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sparsedff.capture.model import Capture


def facts(capture: Capture) -> Iterator[str]:
    """Size, how much of it has depth, and how far away that is."""
    for view in capture.views:
        seen = view.depth_m[view.depth_m > 0]
        width, height = view.image_size
        middle = f", {float(np.median(seen)):.2f} m at the median" if seen.size else ""
        share = 100 * seen.size / view.depth_m.size
        yield f"{view.serial}: {width} x {height}, depth at {share:.0f} % of the pixels{middle}"
