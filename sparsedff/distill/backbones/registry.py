"""The backbones there are, by their names in the config, and which one `auto` means here and now."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

import torch

from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.backbones.handcrafted.backbone import HandcraftedBackbone
from sparsedff.distill.weights import hub
from sparsedff.distill.weights.files import DINOV2_FILES
from sparsedff.errors import ConfigError

AUTO = "dinov2_vitb14"
"""What `auto` takes where it can: the paper's own backbone."""

WEIGHTS = Path("thirdparty_module")


@dataclass(frozen=True)
class FeatureSettings:
    """How foundation models are run; see `VitBackbone`.

    Attributes:
        weights_path: folder with official weights.
        device: where they compute.
        preprocessing, precision, enlarge: as in `VitBackbone`.
    """

    weights_path: Path = WEIGHTS
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    preprocessing: str = "paper"
    precision: str = "auto"
    enlarge: bool = True


def make_backbone(name: str, settings: FeatureSettings | None = None) -> Backbone:
    """The backbone of this name, as `choose_backbone`, without the reason."""
    return choose_backbone(name, settings)[0]


def choose_backbone(name: str, settings: FeatureSettings | None = None) -> tuple[Backbone, str]:
    """The backbone that a name means, and in one line which it is and why.

    Args:
        name: handcrafted, an official DINOv2 name, a folder in the hub's layout, hub:OWNER/NAME, or auto.
        settings: of foundation models; their defaults if None.

    Raises:
        ConfigError: there is none of this name; lists those there are.
        WeightsError: its weights are not there; says which, where they were looked for and what brings them.
    """
    settings = settings or FeatureSettings()
    if name == "auto":
        return _automatic(settings)
    if name == "handcrafted":
        return HandcraftedBackbone(), "features: handcrafted, as asked for"
    if name not in DINOV2_FILES and not name.startswith(hub.PREFIX) and not Path(name).is_dir():
        raise ConfigError(
            f"backbone: no {name!r}; known are auto, handcrafted, {', '.join(sorted(DINOV2_FILES))}, a folder with "
            "config.json and safetensors, and hub:OWNER/NAME"
        )
    return _vit(name, settings), f"features: {name}, as asked for"


def _automatic(settings: FeatureSettings) -> tuple[Backbone, str]:
    file = DINOV2_FILES[AUTO]
    path = settings.weights_path / file.file
    if not path.is_file():
        why = f"{file.file} is not in {settings.weights_path}/ ({file.remedy})"
    elif importlib.util.find_spec("transformers") is None:
        why = f"{path} is there but the package transformers is not; pip install transformers"
    else:
        return _vit(AUTO, settings), f"features: {AUTO}, because {path} is there"
    return HandcraftedBackbone(), f"features: handcrafted, because {why}"


def _vit(name: str, settings: FeatureSettings) -> Backbone:
    from sparsedff.distill.backbones.vit.backbone import VitBackbone
    from sparsedff.distill.backbones.vit.load import find_vit

    weights = find_vit(name, settings.weights_path)
    return VitBackbone(name, weights, settings.device, settings.preprocessing, settings.precision, settings.enlarge)
