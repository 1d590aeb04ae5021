"""Which segmenter a name in the configuration means, and why."""

from __future__ import annotations

from pathlib import Path

import torch

from sparsedff.distill.segmentation.base import Segmenter
from sparsedff.distill.segmentation.registry import SEGMENTERS
from sparsedff.distill.settings import DistilSettings
from sparsedff.distill.weights.files import SAM_FILES
from sparsedff.errors import ConfigError


def choose_segmenter(name: str, settings: DistilSettings, device: torch.device) -> tuple[Segmenter, str]:
    """The segmenter that a name means, and in one line which it is and why.

    Args:
        name: of a registered segmenter, or auto: sam where its weights are, else physics.
        settings: of all segmenters.
        device: where models compute.

    Raises:
        ConfigError: there is none of this name.
        WeightsError: Segment Anything is asked for and its weights are not there.
    """
    if name != "auto":
        if name not in SEGMENTERS.names:
            raise ConfigError(f"img_preprocess: no {name!r}; known are auto, {', '.join(SEGMENTERS.names)}")
        model = f" {settings.sam.model}" if name == "sam" else ""
        return SEGMENTERS.load(name)(settings, device), f"masks: {name}{model}, as asked for"
    file = SAM_FILES.get(settings.sam.model)
    path = Path(settings.features.weights_path) / file.file if file else Path(settings.sam.model)
    if path.exists():
        return SEGMENTERS.load("sam")(settings, device), f"masks: sam {settings.sam.model}, because {path} is there"
    remedy = f" ({file.remedy})" if file else ""
    return SEGMENTERS.load("physics")(settings, device), f"masks: physics, because {path} is not there{remedy}"
