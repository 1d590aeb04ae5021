"""What all cameras saw of the board in all stills: one row per corner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sparsedff.calibration.detect import Detection
from sparsedff.geometry import Float

Index = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Observations:
    """N corners that were found.

    Attributes:
        serials: the cameras; the first is cam0.
        stills: names of the moments at which the board stood still.
        camera, still, corner: (N,) indices into serials, stills and `Board.corners`.
        pixels: (N, 2) in the distorted image.
    """

    serials: tuple[str, ...]
    stills: tuple[str, ...]
    camera: Index
    still: Index
    corner: Index
    pixels: Float

    def __post_init__(self) -> None:
        count = len(self.pixels)
        for rows, limit in ((self.camera, len(self.serials)), (self.still, len(self.stills)), (self.corner, None)):
            if rows.shape != (count,) or (count and (rows.min() < 0 or (limit is not None and rows.max() >= limit))):
                raise ValueError(f"observations: indices {rows.shape} do not fit {count} corners")
        if self.pixels.shape != (count, 2) or not np.isfinite(self.pixels).all():
            raise ValueError(f"observations: pixels must be finite (N, 2), got {self.pixels.shape}")

    def __len__(self) -> int:
        return len(self.pixels)

    def select(self, rows: NDArray) -> Observations:
        """Only these rows (a mask or indices); cameras and stills stay numbered as they are."""
        return replace(
            self,
            camera=self.camera[rows],
            still=self.still[rows],
            corner=self.corner[rows],
            pixels=self.pixels[rows],
        )

    def views(self) -> list[tuple[int, int, Index]]:
        """(camera, still, rows) of every image with at least one corner."""
        keys = self.camera * len(self.stills) + self.still
        order = np.argsort(keys, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(keys[order])) + 1) if len(order) else []
        return [(int(self.camera[rows[0]]), int(self.still[rows[0]]), rows) for rows in parts]


def gather(
    serials: Sequence[str], stills: Sequence[str], detections: Mapping[tuple[str, str], Detection]
) -> Observations:
    """Observations out of detections by (serial, still)."""
    found = [(serials.index(serial), stills.index(still), seen) for (serial, still), seen in detections.items()]
    return Observations(
        serials=tuple(serials),
        stills=tuple(stills),
        camera=_joined([np.full(len(seen), camera) for camera, _, seen in found]),
        still=_joined([np.full(len(seen), still) for _, still, seen in found]),
        corner=_joined([seen.ids for _, _, seen in found]),
        pixels=np.concatenate([np.zeros((0, 2)), *(seen.pixels for _, _, seen in found)]),
    )


def _joined(parts: Sequence[NDArray]) -> Index:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int64)
