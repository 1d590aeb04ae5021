"""Which frames of a sequence become the views of a capture."""

from __future__ import annotations

import numpy as np

from sparsedff.errors import CaptureError

SPREAD = 4
"""Views that are taken where none are named: as many as the paper's rig has cameras."""


def chosen(count: int, frames: tuple[int, ...] | None, what: str) -> list[int]:
    """Indices of the frames that are wanted, or of SPREAD evenly spread ones.

    Args:
        count: how many frames there are.
        frames: which are wanted; None = evenly spread.
        what: how an error names the sequence.

    Raises:
        CaptureError: there is no such frame, or none at all.
    """
    if not count:
        raise CaptureError(f"{what}: holds no frame")
    if frames is None:
        return sorted({int(index) for index in np.linspace(0, count - 1, min(SPREAD, count)).round()})
    for index in frames:
        if not 0 <= index < count:
            raise CaptureError(f"{what}: has no frame {index}; there are 0 to {count - 1}")
    return list(dict.fromkeys(frames))
