"""Captures of noise, for whoever writes, reads or keeps captures."""

from __future__ import annotations

import numpy as np

from sparsedff.capture.model import Capture, View
from sparsedff.geometry import look_at


def make_capture(cameras: int = 2, width: int = 7, height: int = 5, seed: int = 0, name: str = "toy") -> Capture:
    """A capture of noise with plausible poses; serials sort otherwise than the views stand."""
    rng = np.random.default_rng(seed)
    views = []
    for index in range(cameras):
        depth_mm = rng.integers(0, 3000, (height, width))
        depth_mm[0, 0] = 700  # at least one reading
        focal = rng.uniform(0.4, 2) * width
        views.append(
            View(
                serial=f"{(7 * index + 5) % 1009:06d}",
                color_rgb=rng.integers(0, 256, (height, width, 3), dtype=np.uint8),
                depth_m=(depth_mm / 1000).astype(np.float32),
                intrinsics=np.array([[focal, 0, width / 2], [0, focal * 1.01, height / 2], [0, 0, 1]]),
                distortion=rng.uniform(-0.05, 0.05, 8),
                world_from_camera=look_at(rng.uniform((-1, -1, 0.5), (1, 1, 2.5)), rng.uniform(-0.1, 0.1, 3)),
            )
        )
    return Capture(name=name, views=tuple(views))
