"""The results that the cache keeps, as arrays: masks of segmented views, and feature clouds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.model import Capture
from sparsedff.distill.cache import Form
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.undistort import undistort

_CLOUD = ("points", "colors", "features", "view_index")


def _pack_views(views: tuple[SegmentedView, ...]) -> dict[str, NDArray]:
    masks = {f"mask_{seen.index}": np.packbits(seen.mask, axis=1) for seen in views}
    return {"indices": np.array([seen.index for seen in views], dtype=np.int64), **masks}


def _unpack_views(arrays: Mapping[str, NDArray], capture: Capture) -> tuple[SegmentedView, ...]:
    """The views themselves come from the capture."""
    views = []
    for index in arrays["indices"].tolist():
        view = undistort(capture.views[index])
        mask = np.unpackbits(arrays[f"mask_{index}"], axis=1, count=view.image_size[0]).astype(bool)
        views.append(SegmentedView(index, view, mask))
    return tuple(views)


def _pack_cloud(cloud: FeatureCloud) -> dict[str, NDArray]:
    return {name: getattr(cloud, name) for name in _CLOUD}


def _unpack_cloud(arrays: Mapping[str, NDArray], capture: Capture) -> FeatureCloud:
    return FeatureCloud(*(arrays[name] for name in _CLOUD))


VIEWS = Form("views", _pack_views, _unpack_views)
CLOUD = Form("cloud", _pack_cloud, _unpack_cloud)
