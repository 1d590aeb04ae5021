"""Distiller: everything that turns captures into feature clouds, built once from the configuration and passed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.capture.model import Capture
from sparsedff.common.progress import bar
from sparsedff.config.config import Config
from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.backbones.choose import choose_backbone
from sparsedff.distill.backbones.registry import BACKBONES
from sparsedff.distill.cache import cached, identity_of
from sparsedff.distill.cached_forms import CLOUD, VIEWS
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.distil import Distilled, SegmentedView, distil, segment_views
from sparsedff.distill.objects.choosers.base import NO_GUIDE, Guide
from sparsedff.distill.objects.pick import pick_object
from sparsedff.distill.objects.things import one_thing
from sparsedff.distill.pruning.prune import prune
from sparsedff.distill.pruning.settings import AUTO, PruningSettings
from sparsedff.distill.segmentation.base import Segmenter
from sparsedff.distill.segmentation.choose import choose_segmenter
from sparsedff.distill.settings import DistilSettings
from sparsedff.files.sha256 import sha256_of_array
from sparsedff.prepare.device import choose_device
from sparsedff.prepare.threads import threads_for_models, torch_threads
from sparsedff.refine.refiner import Refiner, load_refiner

TwoClouds = tuple[FeatureCloud, FeatureCloud]
REFERENCE, TEST = 0, 1
"""Which of the two scenes a capture shows: each may have a segmenter of its own."""


@dataclass(frozen=True, eq=False)
class Distiller:
    """Captures in, feature clouds out. Of the weights only the refinement network's are read when it is built.

    Attributes:
        device: where models compute.
        backbone: the same for both scenes.
        segmenters: of the reference and of the test scene.
        refiner: the trained network between reduction and pruning, if there is one.
        settings: workspace, scale, cache.
        pruning: rule and thresholds.
        max_points: a larger feature cloud is thinned evenly to so many.
        seed: of the thinning.
        threads: CPU threads of the models; None = all cores.
        reasons: which models they are and why, a line each.
    """

    device: torch.device
    backbone: Backbone
    segmenters: tuple[Segmenter, Segmenter]
    refiner: Refiner | None
    settings: DistilSettings
    pruning: PruningSettings
    max_points: int
    seed: int
    threads: int | None
    reasons: tuple[str, ...]

    def distil(
        self,
        capture: Capture,
        which: int,
        guide: Guide = NO_GUIDE,
        progress: Callable[[float], object] = lambda views: None,
    ) -> Distilled:
        """The object of one scene: segmented views and the raw feature cloud, from the cache where it has them.

        Args:
            capture: what the cameras saw.
            which: REFERENCE or TEST.
            guide: what is known of the object where several things stand in the workspace.
            progress: told how many views more are done, in parts.

        Raises:
            DistillError, WeightsError: no object is found, or weights cannot be used.
        """
        segmenter, settings = self.segmenters[which], self.settings
        folder = Path(settings.cache_path) if settings.cache_path else None
        left = float(len(capture.views))

        def advance(views: float) -> None:
            nonlocal left
            left -= views
            progress(views)

        def segment() -> tuple[SegmentedView, ...]:
            return segment_views(capture, segmenter, settings.workspace, lambda _: advance(0.5))

        seen_by = {"segmenter": identity_of(segmenter), "workspace": asdict(settings.workspace)}
        with torch_threads(threads_for_models(self.threads)):
            segmented = cached(folder, capture, seen_by, VIEWS, segment)
            found = pick_object(segmented, settings.object.choose[which], guide, settings.object)
            made_of = {
                "masks": [(seen.index, sha256_of_array(seen.mask)) for seen in found.views],
                "backbone": identity_of(self.backbone),
                "scale": settings.scale,
            }
            cloud = cached(folder, capture, made_of, CLOUD, lambda: distil(found.views, self.backbone, settings.scale))
        advance(left)
        return Distilled(found.views, cloud, found.others, f"{capture.name}: {found.note}")

    def distil_both(
        self, captures: tuple[Capture, Capture], hand: NDArray[np.float64] | None = None
    ) -> tuple[Distilled, Distilled]:
        """The same for the reference and the test scene, behind a progress bar.

        Args:
            captures: of the reference and of the test scene.
            hand: (N, 3) [m] surface points of the demonstrated hand, which says what the reference object is; the
                reference object then says what the test object is.
        """
        reference, test = captures
        with bar(sum(len(capture.views) for capture in captures), "distil", "view") as shown:
            first = self.distil(reference, REFERENCE, Guide(hand=hand), shown.update)
            return first, self.distil(test, TEST, guided_by(first), shown.update)

    def features(self, raw: TwoClouds) -> TwoClouds:
        """The field's features of raw clouds, pruned and thinned.

        They are reduced as the backbone learns on the reference, or reduced and refined as the network was trained.
        """
        reduce = (self.refiner or self.backbone).fit(raw[REFERENCE])
        rng = np.random.default_rng(self.seed)
        reference, test = (self._thinned(prune(reduce(cloud), self.pruning), rng) for cloud in raw)
        return reference, test

    def with_pruning(self, method: str) -> Distiller:
        """The same with another pruning rule."""
        return replace(self, pruning=replace(self.pruning, method=method))

    def record(self) -> dict[str, Any]:
        """For result.json: what did the work, with the weights' hashes, and why."""
        return {
            "backbone": self.backbone.name,
            "models": {
                "features": identity_of(self.backbone),
                "masks": [identity_of(segmenter) for segmenter in self.segmenters],
                "refinement": self.refiner.record() if self.refiner else None,
                "why": list(self.reasons),
            },
        }

    def _thinned(self, cloud: FeatureCloud, rng: np.random.Generator) -> FeatureCloud:
        if len(cloud) <= self.max_points:
            return cloud
        return cloud.select(np.sort(rng.choice(len(cloud), self.max_points, replace=False)))


def guided_by(reference: Distilled) -> Guide:
    """What a distilled reference says of the object to look for in a test scene."""
    return Guide(like=one_thing(reference.views))


def make_distiller(config: Config) -> Distiller:
    """The models of a configuration, and what they are to do.

    Raises:
        ConfigError, WeightsError, DistillError: there is no such device or model, its weights are not there, or the
            refinement network does not fit the backbone.
    """
    device, settings = choose_device(config.device), config.distil
    backbone, why = choose_backbone(settings.backbone, settings.features, device)
    (first, one), (second, other) = (choose_segmenter(name, settings, device) for name in settings.img_preprocess)
    refiner: Refiner | None = None
    network: tuple[str, ...] = ()
    if config.model_path is not None:
        refiner = load_refiner(Path(config.model_path), backbone, identity_of(backbone))
        network = (f"refinement: {config.model_path}, as asked for",)
    return Distiller(
        device=device,
        backbone=backbone,
        segmenters=(first, second),
        refiner=refiner,
        settings=settings,
        pruning=_pruning_for(backbone.name, config.pruning),
        max_points=config.field.max_points,
        seed=config.seed,
        threads=config.threads,
        reasons=(*dict.fromkeys((why, one, other)), *network),
    )


def _pruning_for(backbone: str, settings: PruningSettings) -> PruningSettings:
    """The settings with the rule that `auto` means for a backbone's features."""
    if settings.method != AUTO:
        return settings
    entry = BACKBONES.entry(backbone) if backbone in BACKBONES.names else None
    return replace(settings, method=getattr(entry, "pruning", "vote_3D"))
