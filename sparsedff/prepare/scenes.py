"""Captures to segmented views and raw feature clouds, from the cache where they were distilled before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from sparsedff.capture.model import Capture
from sparsedff.common.progress import bar
from sparsedff.config.config import Config
from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.cache import Distilled, cached, identity_of
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.distil import SegmentedView, distil, segment_views
from sparsedff.distill.segmentation.physics import Segmenter, Workspace
from sparsedff.prepare.inputs import Inputs
from sparsedff.prepare.models import model_threads

TwoViews = tuple[tuple[SegmentedView, ...], tuple[SegmentedView, ...]]
TwoClouds = tuple[FeatureCloud, FeatureCloud]


def distil_both(config: Config, inputs: Inputs, backbone: Backbone) -> tuple[TwoViews, TwoClouds]:
    """Segmented views and raw feature clouds of the reference and the test scene."""
    with bar(sum(len(c.views) for c in inputs.captures), "distil", "view") as shown, model_threads(config):
        reference, test = (
            distil_one(config, capture, segmenter, inputs.workspace, backbone, shown.update)
            for capture, segmenter in zip(inputs.captures, inputs.segmenters, strict=True)
        )
    return (reference.views, test.views), (reference.cloud, test.cloud)


def distil_one(
    config: Config,
    capture: Capture,
    segmenter: Segmenter,
    workspace: Workspace,
    backbone: Backbone,
    progress: Callable[[float], object] = lambda views: None,
) -> Distilled:
    """Segmented views and the raw feature cloud of one scene, from the cache where it was distilled before."""
    recipe = {
        "segmenter": identity_of(segmenter),
        "backbone": identity_of(backbone),
        "workspace": asdict(workspace),
        "scale": config.scale,
    }
    left = float(len(capture.views))

    def advance(views: float) -> None:
        nonlocal left
        left -= views
        progress(views)

    def make() -> Distilled:
        views = segment_views(capture, segmenter, workspace, lambda _: advance(0.5))
        return Distilled(views, distil(views, backbone, config.scale))

    done = cached(Path(config.cache_path) if config.cache_path else None, capture, recipe, make)
    advance(left)
    return done
