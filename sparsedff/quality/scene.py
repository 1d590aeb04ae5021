"""The checks that every transfer makes of a scene, and of the demonstration in it, as result.json records them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import View
from sparsedff.distill.settings import Workspace
from sparsedff.quality.object_views import object_agreement
from sparsedff.quality.quick import quick_check
from sparsedff.quality.settings import CheckSettings
from sparsedff.quality.verdict import WORDS, word_for
from sparsedff.quality.wrong import contradicted, thin


def scene_check(
    name: str,
    views: Sequence[View],
    masks: Sequence[NDArray[np.bool_]],
    points: int,
    workspace: Workspace,
    limits: CheckSettings,
) -> dict[str, Any]:
    """Whether cameras and object agree, as it stands in result.json.

    Args:
        name: of the capture.
        views: all of them, undistorted.
        masks: (H, W) of the object in each; all False where it is not seen.
        points: of the object's raw cloud.
        workspace: where is looked.
        limits: of what is taken.

    Returns:
        `quick_check`'s, and for each camera the share of the object that it and the others contradict each other about.
    """
    found = quick_check(name, views, workspace, limits)
    agreement = object_agreement(views, masks)
    bad, doubts = contradicted(agreement, limits)
    showing = [view.serial for view, mask in zip(views, masks, strict=True) if mask.any()]
    doubts = doubts + thin(points, showing, limits)
    for camera in agreement:
        share = round(camera.contradicted, 3) if math.isfinite(camera.contradicted) else None
        found["cameras"][camera.serial]["contradicted"] = share
    reasons = bad + found["reasons"] + doubts
    verdict = max(word_for(bad, doubts), found["verdict"], key=WORDS.index)
    return found | {"verdict": verdict, "reasons": reasons, "points": points, "showing": showing}
