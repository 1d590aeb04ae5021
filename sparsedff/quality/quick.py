"""The cheap check that every transfer makes of its captures: no pictures, few points, no effect on the result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sparsedff.capture.model import View
from sparsedff.distill.settings import Workspace
from sparsedff.quality.moved import QUICK, register_views
from sparsedff.quality.reasons import moved
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.verdict import DOUBTFUL, UNUSABLE, USABLE


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
    found = register_views(views, workspace, QUICK)
    bad, doubts = moved(found, limits)
    cameras = {
        camera.serial: {
            "points_mm": _rounded(1000 * camera.points_m),
            "shift_mm": _rounded(1000 * camera.shift_m),
            "turn_deg": _rounded(math.degrees(camera.turn_rad)),
        }
        for camera in found.cameras
    }
    word = UNUSABLE if bad else DOUBTFUL if doubts else USABLE
    return {"capture": name, "verdict": word, "reasons": bad + doubts, "cameras": cameras}


def warnings_of(checks: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """A line for every capture that is not usable without doubt."""
    return tuple(
        f"warning: {check['capture']} is {check['verdict']}: {check['reasons'][0]}; `sparsedff check` says more"
        for check in checks
        if check["reasons"]
    )


def _rounded(value: float) -> float | None:
    """Null where it is not known."""
    return round(value, 2) if math.isfinite(value) else None
