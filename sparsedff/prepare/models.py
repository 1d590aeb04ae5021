"""Which models a configuration means: backbone and segmenters, on which device, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sparsedff.config.config import Config
from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.backbones.registry import FeatureSettings, choose_backbone
from sparsedff.distill.cache import identity_of
from sparsedff.distill.segmentation.physics import PhysicsSegmenter, Segmenter
from sparsedff.distill.weights.files import SAM_FILES
from sparsedff.errors import ConfigError
from sparsedff.refine.refiner import Refiner, load_refiner


@dataclass(frozen=True)
class Models:
    """What distils.

    Attributes:
        backbone: the same for both scenes.
        segmenters: one a scene.
        refiner: the trained network between reduction and pruning, if there is one.
        reasons: which they are and why, a line each.
    """

    backbone: Backbone
    segmenters: tuple[Segmenter, Segmenter]
    refiner: Refiner | None
    reasons: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """For result.json: what was used, with the weights' hashes, and why."""
        return {
            "backbone": self.backbone.name,
            "models": {
                "features": identity_of(self.backbone),
                "masks": [identity_of(segmenter) for segmenter in self.segmenters],
                "refinement": self.refiner.record() if self.refiner else None,
                "why": list(self.reasons),
            },
        }


def choose_models(config: Config, device: torch.device) -> Models:
    """The models of a configuration; of the weights only the refinement network's are read yet.

    Raises:
        ConfigError, WeightsError, DistillError: there is no such model, its weights are not there, or it does not fit.
    """
    backbone, why = choose_backbone(config.backbone, feature_settings(config, device))
    (first, one), (second, other) = (choose_segmenter(name, config, device) for name in config.img_preprocess)
    refiner = choose_refiner(config, backbone)
    network = (f"refinement: {config.model_path}, as asked for",) if refiner else ()
    return Models(backbone, (first, second), refiner, (*dict.fromkeys((why, one, other)), *network))


def choose_refiner(config: Config, backbone: Backbone) -> Refiner | None:
    """The refinement network that model_path means for this backbone's features; None where it means none.

    Raises:
        ConfigError, WeightsError, DistillError: it cannot be read, or belongs to another backbone.
    """
    if config.model_path is None:
        return None
    return load_refiner(Path(config.model_path), backbone, identity_of(backbone))


def feature_settings(config: Config, device: torch.device) -> FeatureSettings:
    """How foundation models are run."""
    f = config.features
    return FeatureSettings(Path(f.weights_path), device, f.preprocessing, f.precision, f.enlarge)


def choose_segmenter(name: str, config: Config, device: torch.device) -> tuple[Segmenter, str]:
    """The segmenter that a name means, and in one line which it is and why.

    Raises:
        ConfigError: there is none of this name.
        WeightsError: Segment Anything is asked for and its weights are not there.
    """
    if name == "physics":
        return _physics(config), "masks: physics, as asked for"
    if name == "sam":
        return _sam(config, device), f"masks: sam {config.sam.model}, as asked for"
    if name != "auto":
        raise ConfigError(f"img_preprocess: no {name!r}; known are auto, physics, sam")
    file = SAM_FILES.get(config.sam.model)
    path = Path(config.features.weights_path) / file.file if file else Path(config.sam.model)
    if path.exists():
        return _sam(config, device), f"masks: sam {config.sam.model}, because {path} is there"
    remedy = f" ({file.remedy})" if file else ""
    return _physics(config), f"masks: physics, because {path} is not there{remedy}"


def _physics(config: Config) -> Segmenter:
    s = config.segmentation
    return PhysicsSegmenter(
        s.plane_tolerance_m,
        s.min_height_m,
        s.plane_max_tilt_deg,
        s.ransac_iterations,
        s.min_object_pixels,
        s.max_depth_step_m,
    )


def _sam(config: Config, device: torch.device) -> Segmenter:
    from sparsedff.distill.segmentation.sam.load import find_sam
    from sparsedff.distill.segmentation.sam.prompts import PromptGroup
    from sparsedff.distill.segmentation.sam.segmenter import SamSegmenter

    s = config.sam
    near = (0.0, s.object_radius_m)
    groups = (
        PromptGroup("object", near, near, s.upper_z_m, s.upper_points, positive=True, required=True),
        PromptGroup("foot of the object", near, near, s.lower_z_m, s.lower_points, True, reach_m=s.lower_reach_m),
        PromptGroup("table edge", (0.0, s.edge_abs_x_m), s.edge_abs_y_m, s.edge_z_m, s.edge_points, positive=False),
    )
    weights = find_sam(s.model, Path(config.features.weights_path))
    return SamSegmenter(weights, device, groups, s.min_candidates, s.refinements, config.features.precision)


@contextmanager
def model_threads(config: Config) -> Iterator[None]:
    """Inside the block torch uses all cores, or as many as the configuration says: large products gain from them."""
    before = torch.get_num_threads()
    torch.set_num_threads(config.threads or len(os.sched_getaffinity(0)))
    try:
        yield
    finally:
        torch.set_num_threads(before)
