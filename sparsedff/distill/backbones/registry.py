"""The backbones there are. One is built from the settings: `BACKBONES.load(name)(name, settings, device)`."""

from __future__ import annotations

from sparsedff.common.registry import Entry, Registry
from sparsedff.distill.weights.files import DINOV2_FILES

VIT = "sparsedff.distill.backbones.vit.backbone:make_vit"
"""Also what makes backbones of folders in the hub's layout and of hub:OWNER/NAME."""

LEARNED = "sparsedff.distill.backbones.learned.backbone:make_learned"

BACKBONES: Registry = Registry(
    "backbone",
    Entry(
        "handcrafted",
        "sparsedff.distill.backbones.handcrafted.backbone:make_handcrafted",
        "embedded descriptors, no weights",
    ),
    *(Entry(name, VIT, "DINOv2, official weights") for name in sorted(DINOV2_FILES)),
    Entry("learned", LEARNED, "learned coordinates beside the embedded descriptors, weights in the package"),
    Entry("learned_only", LEARNED, "learned coordinates alone"),
)
