"""Which backbone a name in the configuration means here and now, and why."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

from sparsedff.common.registry import Entry
from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.backbones.registry import BACKBONES, VIT
from sparsedff.distill.settings import FeatureSettings
from sparsedff.distill.weights import hub
from sparsedff.distill.weights.files import DINOV2_FILES
from sparsedff.errors import ConfigError, WeightsError

AUTO = "dinov2_vitb14"
"""What `auto` takes where it can: the paper's own backbone."""


def choose_backbone(name: str, settings: FeatureSettings, device: torch.device) -> tuple[Backbone, str]:
    """The backbone that a name means, and in one line which it is and why.

    Args:
        name: of a registered backbone, a folder in the hub's layout, hub:OWNER/NAME, or auto.
        settings: of foundation models.
        device: where they compute.

    Raises:
        ConfigError: there is none of this name; lists those there are.
        WeightsError: its weights are not there; says which, where they were looked for and what brings them.
    """
    if name == "auto":
        return _automatic(settings, device)
    if name in BACKBONES.names:
        backbone = BACKBONES.load(name)(name, settings, device)
    elif name.startswith(hub.PREFIX) or Path(name).is_dir():
        backbone = Entry(name, VIT, "a model in the hub's layout").load()(name, settings, device)
    else:
        raise ConfigError(
            f"backbone: no {name!r}; known are auto, {', '.join(BACKBONES.names)}, a folder with "
            "config.json and safetensors, and hub:OWNER/NAME"
        )
    return backbone, f"features: {name}, as asked for"


def _automatic(settings: FeatureSettings, device: torch.device) -> tuple[Backbone, str]:
    file = DINOV2_FILES[AUTO]
    path = Path(settings.weights_path) / file.file
    if not path.is_file():
        why = f"{file.file} is not in {settings.weights_path}/ ({file.remedy})"
    elif importlib.util.find_spec("transformers") is None:
        why = f"{path} is there but the package transformers is not; pip install transformers"
    else:
        return BACKBONES.load(AUTO)(AUTO, settings, device), f"features: {AUTO}, because {path} is there"
    try:
        return BACKBONES.load("learned")("learned", settings, device), f"features: learned, because {why}"
    except WeightsError as error:
        return BACKBONES.load("handcrafted")("handcrafted", settings, device), f"features: handcrafted, because {error}"
