"""How well the cameras explain what they saw: a table of numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparsedff.calibration.cameras import Calibrated


@dataclass(frozen=True)
class CameraErrors:
    """One camera's reprojection errors.

    Attributes:
        name, serial: which camera.
        stills: number of stills in which it sees the board.
        corners: number of corners that were kept.
        rejected: number of corners that were rejected.
        rms_px, median_px, worst_px: length of the kept corners' errors [px].
    """

    name: str
    serial: str
    stills: int
    corners: int
    rejected: int
    rms_px: float
    median_px: float
    worst_px: float


def camera_errors(found: Calibrated) -> list[CameraErrors]:
    """Reprojection errors of each camera."""
    result = []
    for index, camera in enumerate(found.cameras):
        here = found.seen.camera == index
        kept = here & found.solution.kept
        length_px = np.linalg.norm(found.solution.residual_px[kept], axis=1)
        result.append(
            CameraErrors(
                name=camera.name,
                serial=camera.serial,
                stills=len(np.unique(found.seen.still[kept])),
                corners=int(kept.sum()),
                rejected=int((here & ~found.solution.kept).sum()),
                rms_px=float(np.sqrt(np.mean(length_px**2))) if len(length_px) else float("nan"),
                median_px=float(np.median(length_px)) if len(length_px) else float("nan"),
                worst_px=float(length_px.max()) if len(length_px) else float("nan"),
            )
        )
    return result


def as_table(errors: list[CameraErrors]) -> list[str]:
    """Lines of text, one per camera below a head."""
    wide = max(len("serial"), *(len(entry.serial) for entry in errors))
    head = f"camera  {'serial':{wide}}  stills  corners  rejected  rms [px]  median [px]  worst [px]"
    return [
        head,
        *(
            f"{e.name:6}  {e.serial:{wide}}  {e.stills:6d}  {e.corners:7d}  {e.rejected:8d}  {e.rms_px:8.3f}  "
            f"{e.median_px:11.3f}  {e.worst_px:10.3f}"
            for e in errors
        ),
    ]
