"""Capture to feature cloud: undistort, segment, extract, back-project (docs/method.md, sections 1 to 4)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import Capture, View
from sparsedff.distill.backbones.base import Backbone, ObjectView
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.segmentation.base import Segmenter, world_points
from sparsedff.distill.settings import Workspace
from sparsedff.distill.undistort import undistort
from sparsedff.errors import DistillError

AUTHORS_PIXELS_PER_METRE = 1860.0
"""Image scale of the authors' rig on its objects (focal length 1860 px at 1 m): `scale` counts pixels of that image, so
that one point per `scale` pixels means the same density on the object whatever the cameras' resolution."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class SegmentedView:
    """One undistorted view in which an object was found.

    Attributes:
        index: of the view in its capture.
        view: undistorted.
        mask: (H, W) bool, the object's pixels; not empty.
    """

    index: int
    view: View
    mask: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Distilled:
    """What distillation makes of a capture.

    Attributes:
        views: that show the object, with its masks.
        cloud: its raw feature cloud.
        others: (K, 3) [m] points of other things near the object.
        note: what else stood in the workspace, and why this is the object.
    """

    views: tuple[SegmentedView, ...]
    cloud: FeatureCloud
    others: NDArray[np.float64]
    note: str


def segment_views(
    capture: Capture,
    segmenter: Segmenter,
    workspace: Workspace,
    progress: Callable[[str], object] = lambda serial: None,
) -> tuple[SegmentedView, ...]:
    """Undistort every view and find the object in it. A view without an object is left out with a warning, and so is
    one in which the segmenter cannot look for it, as long as another view shows it.

    Args:
        capture: at least one view.
        segmenter: finds the object in each view.
        workspace: where objects are looked for.
        progress: told each view's serial when it is done.

    Raises:
        DistillError: no view shows an object.
    """
    seen, failures = [], []
    for index, raw in enumerate(capture.views):
        view = undistort(raw)
        try:
            mask = segmenter.mask(view, workspace)
        except DistillError as error:
            failures.append(str(error))
            log.warning("capture %s, %s; the other views are used", capture.name, error)
            continue
        finally:
            progress(view.serial)
        if mask.any():
            seen.append(SegmentedView(index, view, mask))
        else:
            log.warning("capture %s, view %s: no object found; the other views are used", capture.name, view.serial)
    if not seen and failures:
        raise DistillError(f"capture {capture.path or capture.name}: no view is usable; {failures[-1]}")
    if not seen:
        box = f"x {workspace.x}, y {workspace.y}, z {workspace.z} m"
        raise DistillError(
            f"capture {capture.path or capture.name}: no view shows an object on the table within {box}; "
            "put one there, or set workspace.x, workspace.y, workspace.z and segmentation.min_height_m to where it is"
        )
    return tuple(seen)


def distil(views: Sequence[SegmentedView], backbone: Backbone, scale: float) -> FeatureCloud:
    """Lift the 2D features of segmented views into one cloud; features are raw, not yet reduced or refined.

    Args:
        views: at least one.
        backbone: extracts 2D features on each view's grid.
        scale: one point every `scale` pixels of the authors' image scale, 14 as published: 7.5 mm on the object.
    """
    grids = [object_view(seen.view, seen.mask, scale) for seen in views]
    maps = backbone.extract(grids)
    return concatenate([_lift(g, m, seen.index) for g, m, seen in zip(grids, maps, views, strict=True)])


def object_view(view: View, mask: NDArray[np.bool_], scale: float) -> ObjectView:
    """Crop box and feature grid of one undistorted view whose mask is not empty."""
    rows, columns = np.nonzero(mask)
    box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    pixels_per_metre = float(view.intrinsics[0, 0] / np.median(view.depth_m[mask]))
    step = max(1.0, scale * pixels_per_metre / AUTHORS_PIXELS_PER_METRE)
    grid = (max(1, round((box[3] - box[1]) / step)), max(1, round((box[2] - box[0]) / step)))
    return ObjectView(view.color_rgb, world_points(view), mask, box, grid, pixels_per_metre)


def _lift(view: ObjectView, features: NDArray[np.float32], index: int) -> FeatureCloud:
    """Points, colours and mask are taken at the pixel nearest to each grid cell's centre."""
    u, v = (np.rint(axis).astype(np.int64) for axis in view.cell_centres())
    keep = view.mask[v, u]
    if not keep.any():  # an object thinner than the grid: its own pixels then, one is enough
        v, u = np.nonzero(view.mask)[0][:1], np.nonzero(view.mask)[1][:1]
        keep, features = np.array([True]), features.reshape(-1, features.shape[-1])[:1]
    return FeatureCloud(
        view.points_world[v, u][keep].astype(np.float32),
        view.color_rgb[v, u][keep],
        np.ascontiguousarray(features[keep], dtype=np.float32),
        np.full(int(keep.sum()), index, dtype=np.int64),
    )


def concatenate(clouds: Sequence[FeatureCloud]) -> FeatureCloud:
    """One cloud of several."""
    fields = ("points", "colors", "features", "view_index")
    return FeatureCloud(*(np.concatenate([getattr(cloud, name) for cloud in clouds]) for name in fields))
