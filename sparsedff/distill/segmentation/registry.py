"""The segmenters there are. One is built from the settings: `SEGMENTERS.load(name)(settings, device)`."""

from __future__ import annotations

from sparsedff.common.registry import Entry, Registry

SEGMENTERS: Registry = Registry(
    "segmentation",
    Entry("sam", "sparsedff.distill.segmentation.sam.segmenter:make_sam", "Segment Anything, prompted from depth"),
    Entry(
        "physics", "sparsedff.distill.segmentation.physics:make_physics", "what stands on the table, from depth alone"
    ),
)
