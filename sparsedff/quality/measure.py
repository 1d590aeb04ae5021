"""Measures of a capture: what each view sees, and how well the views agree."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import View
from sparsedff.distill.segmentation.base import world_points
from sparsedff.distill.segmentation.physics import flying_pixels
from sparsedff.distill.settings import Workspace
from sparsedff.geometry import Float, apply, inverse, project

_POINTS = 20_000  # of each view; more change no median
_JUMP_M = 0.02  # between neighbouring pixels


@dataclass(frozen=True)
class ViewFacts:
    """One view.

    Attributes:
        serial: the camera.
        image_size: (width, height) [px].
        valid: share of pixels with depth.
        in_workspace: share of pixels whose point lies in the workspace.
        object_pixels: how many show the object; None where it was not looked for.
        eye_m: (3,) where the camera stands in the table frame [m].
    """

    serial: str
    image_size: tuple[int, int]
    valid: float
    in_workspace: float
    object_pixels: int | None
    eye_m: tuple[float, float, float]


@dataclass(frozen=True)
class PairFacts:
    """How one view's points in the workspace look from another.

    Attributes:
        first, second: serials.
        overlap: share of the first's points that the second has a reading for.
        agreeing: share of these within the gate of that reading.
        disagreement_m: median distance of the agreeing ones from the second's reading, along its ray [m]; NaN if none.
    """

    first: str
    second: str
    overlap: float
    agreeing: float
    disagreement_m: float


def view_facts(view: View, workspace: Workspace, object_pixels: int | None) -> ViewFacts:
    """Facts of one undistorted view."""
    seen = view.depth_m > 0
    inside = seen & workspace.contains(world_points(view))
    x, y, z = (float(value) for value in view.world_from_camera[:3, 3])
    return ViewFacts(view.serial, view.image_size, float(seen.mean()), float(inside.mean()), object_pixels, (x, y, z))


def pair_facts(
    views: Sequence[View],
    workspace: Workspace,
    gate_m: float,
    masks: Sequence[NDArray[np.bool_]] | None = None,
) -> list[PairFacts]:
    """Facts of every ordered pair of undistorted views.

    A point of the first is projected into the second; where that has a reading, the difference along its axis, scaled
    to the ray, is how far the two surfaces are apart there. Differences over the gate are occlusions: one of the two
    sees something in front.

    Args:
        views: undistorted.
        workspace: only points inside count.
        gate_m: see above [m].
        masks: (H, W) of each view, pixels that count; None takes all.
    """
    rng = np.random.default_rng(0)
    clouds = [_cloud(view, workspace, rng, None if masks is None else masks[i]) for i, view in enumerate(views)]
    return [
        _pair(views[a].serial, clouds[a], views[b], gate_m) for a, b in itertools.permutations(range(len(views)), 2)
    ]


def _cloud(view: View, workspace: Workspace, rng: np.random.Generator, mask: NDArray[np.bool_] | None) -> Float:
    points = world_points(view)
    keep = (view.depth_m > 0) & workspace.contains(points) & ~flying_pixels(view.depth_m, _JUMP_M)
    found = points[keep if mask is None else keep & mask]
    return found[rng.choice(len(found), min(_POINTS, len(found)), replace=False)]


def _pair(first: str, points: Float, second: View, gate_m: float) -> PairFacts:
    seen = apply(inverse(np.asarray(second.world_from_camera)), points)
    seen = seen[seen[:, 2] > 1e-6]
    width, height = second.image_size
    u, v = np.rint(project(seen, second.intrinsics)).T
    on = (u >= 0) & (u < width) & (v >= 0) & (v < height)
    seen, u, v = seen[on], u[on].astype(np.int64), v[on].astype(np.int64)
    reading = second.depth_m[v, u].astype(np.float64)
    there = reading > 0
    seen, reading = seen[there], reading[there]
    apart = np.abs(reading - seen[:, 2]) * np.linalg.norm(seen, axis=1) / np.maximum(seen[:, 2], 1e-6)
    agrees = apart < gate_m
    return PairFacts(
        first,
        second.serial,
        len(apart) / len(points) if len(points) else 0.0,
        float(agrees.mean()) if len(apart) else 0.0,
        float(np.median(apart[agrees])) if agrees.any() else float("nan"),
    )
