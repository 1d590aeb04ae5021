"""`sam`: the object in a view by Segment Anything, prompted from depth (docs/method.md, section 2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.capture.model import View
from sparsedff.distill.segmentation.base import world_points
from sparsedff.distill.segmentation.sam.load import find_sam, load_sam
from sparsedff.distill.segmentation.sam.predictor import Embedded, Predictor
from sparsedff.distill.segmentation.sam.prompts import extremes, find_prompts, prompt_groups
from sparsedff.distill.settings import DistilSettings, SamSettings, Workspace
from sparsedff.distill.weights.weights import Weights


@dataclass(frozen=True)
class SamSegmenter:
    """Segment Anything as a `Segmenter`.

    Views are embedded one at a time: the encoder's global attention needs over a gigabyte an image, and a CPU gains
    nothing from a batch.

    Attributes:
        weights: what is loaded, on first use.
        device: where it computes.
        settings: where prompts are sought, and how often the mask's extreme pixels are added to them.
        precision: of the image encoder, see `autocast`.
    """

    weights: Weights
    device: torch.device
    settings: SamSettings
    precision: str = "auto"

    def identity(self) -> dict[str, object]:
        """Everything that decides what `mask` returns, for caches and reports."""
        return {
            "name": "sam",
            "weights_sha256": self.weights.sha256(),
            "groups": [asdict(group) for group in prompt_groups(self.settings)],
            "min_candidates": self.settings.min_candidates,
            "refinements": self.settings.refinements,
            "precision": self.precision,
            "device": self.device.type,
        }

    def mask(self, view: View, workspace: Workspace) -> NDArray[np.bool_]:
        """See `Segmenter`.

        Raises:
            DistillError: too few pixels to prompt with.
            WeightsError: the weights cannot be used.
        """
        points = world_points(view)
        valid = np.asarray(view.depth_m > 0)
        pixels, labels = find_prompts(
            points, valid, prompt_groups(self.settings), self.settings.min_candidates, view.serial
        )
        predictor = load_sam(self.weights, self.device, self.precision)
        mask = grow_mask(
            predictor, predictor.embed(np.array(view.color_rgb)), pixels, labels, self.settings.refinements
        )
        return mask & valid & workspace.contains(points)


def make_sam(settings: DistilSettings, device: torch.device) -> SamSegmenter:
    """The segmenter as configured.

    Raises:
        WeightsError: its weights are not there.
    """
    weights = find_sam(settings.sam.model, Path(settings.features.weights_path))
    return SamSegmenter(weights, device, settings.sam, settings.features.precision)


def grow_mask(
    predictor: Predictor,
    embedded: Embedded,
    pixels: NDArray[np.int64],
    labels: NDArray[np.int64],
    refinements: int,
) -> NDArray[np.bool_]:
    """The object's mask (H, W).

    1. Of the three masks at the first prompts take the largest, which is the whole object rather than a part of it.
    2. As often as asked: add its top, bottom, left and right pixels as positives, and take the mask that the model
       itself rates best.
    """
    logits, _ = predictor.logits(embedded, pixels, labels)
    masks = predictor.masks(embedded, logits)
    mask = masks[int(np.argmax(masks.sum(axis=(1, 2))))]
    for _ in range(refinements):
        if not mask.any():
            break
        pixels, labels = np.concatenate([pixels, extremes(mask)]), np.concatenate([labels, np.ones(4, dtype=np.int64)])
        logits, scores = predictor.logits(embedded, pixels, labels)
        mask = predictor.masks(embedded, logits[int(np.argmax(scores))][None])[0]
    return np.asarray(mask, dtype=np.bool_)
