"""The backbones there are. One is built from the settings: `BACKBONES.load(name)(name, settings, device)`."""

from __future__ import annotations

from dataclasses import dataclass

from sparsedff.common.registry import Entry, Registry
from sparsedff.distill.weights.files import DINOV2_FILES

VIT = "sparsedff.distill.backbones.vit.backbone:make_vit"
"""Also what makes backbones of folders in the hub's layout and of hub:OWNER/NAME."""

LEARNED = "sparsedff.distill.backbones.learned.backbone:make_learned"


@dataclass(frozen=True)
class BackboneEntry(Entry):
    """A backbone, and which pruning rule `method: auto` means for its features."""

    pruning: str = "vote_3D"


BACKBONES: Registry = Registry(
    "backbone",
    BackboneEntry(
        "handcrafted",
        "sparsedff.distill.backbones.handcrafted.backbone:make_handcrafted",
        "embedded descriptors, no weights",
        pruning="raw",
    ),
    *(BackboneEntry(name, VIT, "DINOv2, official weights") for name in sorted(DINOV2_FILES)),
    BackboneEntry(
        "learned", LEARNED, "learned coordinates beside the embedded descriptors, weights in the package", pruning="raw"
    ),
    BackboneEntry("learned_only", LEARNED, "learned coordinates alone", pruning="raw"),
)
