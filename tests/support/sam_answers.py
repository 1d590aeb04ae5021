"""Prompts of every kind for a small picture, and what the NumPy implementation of Segment Anything answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparsedff.distill.segmentation.sam.official import build_official
from sparsedff.distill.segmentation.sam.predictor import Predictor
from tests.support import plain_sam, plain_vit
from tests.support.checkpoints import TINY_SAM, tensors

CASES = ("points", "points_box", "box", "single", "previous")


def tiny_predictor(state: plain_vit.State | None = None) -> Predictor:
    """The small random model, or another of its architecture."""
    return Predictor(build_official(tensors(state or plain_sam.tiny_sam()), TINY_SAM, "tiny"), plain_sam.SIDE)


def prompts_of(case: str) -> dict[str, Any]:
    """Prompts in the pixels of the 30 x 50 image."""
    rng = np.random.default_rng(4)
    points, labels = rng.uniform(0, 30, (3, 2)), np.array([1, 0, 1])
    box = np.array([3.0, 4.0, 40.0, 22.0])
    previous = rng.normal(size=(4 * plain_sam.GRID, 4 * plain_sam.GRID)) * 3
    return {
        "points": {"points": points, "labels": labels},
        "points_box": {"points": points, "labels": labels, "box": box},
        "box": {"box": box},
        "single": {"points": points[:1], "labels": labels[:1], "several": False},
        "previous": {"points": points, "labels": labels, "previous": previous},
    }[case]


def plain_answer(state: plain_vit.State, pixels: np.ndarray, case: str) -> tuple[np.ndarray, np.ndarray]:
    """The NumPy implementation's low-resolution logits and IoU for a normalised, padded input (3, SIDE, SIDE)."""
    prompts = prompts_of(case)
    scale = np.array([plain_sam.SIDE / 50, 38 / 30])  # 30 x 50 becomes 38 x 64
    several = prompts.pop("several", True)
    for name, shape in (("points", (-1, 2)), ("box", (2, 2))):
        if name in prompts:
            prompts[name] = (prompts[name].reshape(shape) * scale).astype(np.float32).astype(np.float64)
    masks, iou = plain_sam.decode(state, plain_sam.encode(state, pixels.astype(np.float64)), **prompts)
    return (masks[1:], iou[1:]) if several else (masks[:1], iou[:1])
