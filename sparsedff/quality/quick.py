"""The check of the cameras that every transfer makes: no pictures, few points, no effect on the result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sparsedff.capture.model import View
from sparsedff.distill.settings import Workspace
from sparsedff.quality.moved import FULL, QUICK, register_views
from sparsedff.quality.reasons import moved
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.verdict import word_for


def quick_check(name: str, views: Sequence[View], workspace: Workspace, limits: CheckSettings) -> dict[str, Any]:
    """Whether the cameras agree, as it stands in result.json.

    Args:
        name: of the capture.
        views: undistorted.
        workspace: where is looked.
        limits: of what is taken.

    Returns:
        capture, verdict, reasons, and the estimated shift of each camera in millimetres and degrees.
    """
    for effort in (QUICK, FULL):  # what a quick look doubts a closer one decides
        found = register_views(views, workspace, effort)
        bad, doubts = moved(found, limits)
        if not (bad or doubts):
            break
    cameras = {
        camera.serial: {
            "points_mm": _rounded(1000 * camera.points_m),
            "shift_mm": _rounded(1000 * camera.shift_m),
            "turn_deg": _rounded(math.degrees(camera.turn_rad)),
        }
        for camera in found.cameras
    }
    return {"capture": name, "verdict": word_for(bad, doubts), "reasons": bad + doubts, "cameras": cameras}


def doubt_about(check: Mapping[str, Any]) -> tuple[str, ...]:
    """A line where a capture is not usable without doubt."""
    if not check["reasons"]:
        return ()
    return (f"{check['capture']} is {check['verdict']}: {check['reasons'][0]}; `sparsedff check` says more",)


def _rounded(value: float) -> float | None:
    """Null where it is not known."""
    return round(value, 2) if math.isfinite(value) else None
