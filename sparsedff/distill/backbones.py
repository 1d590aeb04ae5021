"""The backbones there are, by their names in the config."""

from __future__ import annotations

from collections.abc import Callable

from sparsedff.distill.backbone import Backbone
from sparsedff.distill.handcrafted import HandcraftedBackbone
from sparsedff.errors import ConfigError

BACKBONES: dict[str, Callable[[], Backbone]] = {"handcrafted": HandcraftedBackbone}
"""To add one, write a class that satisfies `Backbone` and name it here."""


def make_backbone(name: str) -> Backbone:
    """The backbone of this name.

    Raises:
        ConfigError: there is none; lists those there are.
    """
    if name not in BACKBONES:
        raise ConfigError(f"backbone: no {name!r}; known are {', '.join(sorted(BACKBONES))}")
    return BACKBONES[name]()
