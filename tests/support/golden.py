"""Recipe of golden.npz: `python -m tests.support.golden` writes it anew. Numbers of the NumPy implementations, float64.

A test that compares the models with this file also guards the NumPy implementations themselves against change.
"""

from __future__ import annotations

import numpy as np

from tests.support import plain_sam, plain_vit
from tests.support.paths import GOLDEN_NUMBERS
from tests.support.sam_answers import plain_answer, tiny_predictor


def numbers() -> dict[str, np.ndarray]:
    image = np.random.default_rng(3).normal(size=(3, 42, 84)).astype(np.float32)
    result = {"vit_image": image}
    for registers in (0, 4):
        tokens = plain_vit.forward(plain_vit.tiny_dinov2(registers), image.astype(np.float64))
        result[f"vit_tokens_{registers}"] = tokens.astype(np.float32)
    picture = np.random.default_rng(5).integers(0, 256, (30, 50, 3), dtype=np.uint8)
    result["sam_image"] = picture
    pixels = tiny_predictor().pixels(picture)[0][0].numpy()
    for case in ("points", "points_box"):
        logits, iou = plain_answer(plain_sam.tiny_sam(), pixels, case)
        result |= {f"sam_logits_{case}": logits.astype(np.float32), f"sam_iou_{case}": iou.astype(np.float32)}
    return result


if __name__ == "__main__":
    np.savez_compressed(GOLDEN_NUMBERS, **numbers())  # type: ignore[arg-type]
