"""Whether the views agree on the object alone: what one shows of it the others must show as well, unless it is hidden.

A table fills most of what cameras see, and a camera that was pushed along it still sees the same plane. The object says
more. A point of it that another view should see is contradicted where that view shows something further off, or the
table: the view looks through the object.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import View
from sparsedff.distill.segmentation.base import world_points
from sparsedff.geometry import Float, apply, inverse, project

_POINTS = 600  # of each view; more change no share by a per cent
_HIDDEN_M = 0.02  # a reading so much nearer than the point hides it
_MARGIN_M = (
    0.012  # masks may end so much beside each other: noise, flying pixels, the height over the table that counts
)
_FEWEST = 20  # points that say something


@dataclass(frozen=True)
class ObjectAgreement:
    """How well one camera's view of the object fits the others'.

    Attributes:
        serial: the camera.
        contradicted: share of the object's points that it or another view shows and the other of the two looks through:
            the median of its pairs; NaN where no other view can tell.
    """

    serial: str
    contradicted: float


def object_agreement(views: Sequence[View], masks: Sequence[NDArray[np.bool_]]) -> tuple[ObjectAgreement, ...]:
    """How each view agrees with the others about the object, one entry a view.

    Args:
        views: undistorted, of one capture.
        masks: (H, W) of the object in each; may be empty.
    """
    rng = np.random.default_rng(0)
    points = [_some(world_points(view)[mask], rng) for view, mask in zip(views, masks, strict=True)]
    grown = [_grown(view, mask) for view, mask in zip(views, masks, strict=True)]
    shares: dict[int, list[float]] = {index: [] for index in range(len(views))}
    for first, second in itertools.permutations(range(len(views)), 2):
        if len(points[first]):
            share = _contradicted(points[first], views[second], grown[second])
            if np.isfinite(share):
                shares[first].append(share)
                shares[second].append(share)
    return tuple(
        ObjectAgreement(view.serial, float(np.median(shares[index])) if shares[index] else float("nan"))
        for index, view in enumerate(views)
    )


def _some(points: Float, rng: np.random.Generator) -> Float:
    return points[rng.choice(len(points), min(_POINTS, len(points)), replace=False)]


def _grown(view: View, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask, grown by the margin at the object's distance."""
    if not mask.any():
        return mask
    pixels = max(1, round(_MARGIN_M * float(view.intrinsics[0, 0] / np.median(view.depth_m[mask]))))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel)) > 0


def _contradicted(points: Float, view: View, shown: NDArray[np.bool_]) -> float:
    """Share of the points (N, 3) [m] in sight of a view that it shows as something else than the object."""
    seen = apply(inverse(np.asarray(view.world_from_camera)), points)
    seen = seen[seen[:, 2] > 1e-6]
    width, height = view.image_size
    u, v = np.rint(project(seen, view.intrinsics)).T
    on = (u >= 0) & (u < width) & (v >= 0) & (v < height)
    seen, u, v = seen[on], u[on].astype(np.int64), v[on].astype(np.int64)
    reading = view.depth_m[v, u]
    sighted = (reading > 0) & (reading > seen[:, 2] - _HIDDEN_M)
    if sighted.sum() < _FEWEST:
        return float("nan")
    return float((~shown[v, u] & sighted).sum() / sighted.sum())
