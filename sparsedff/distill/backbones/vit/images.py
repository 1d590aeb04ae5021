"""Crops as a vision transformer wants them: RGB, a whole number of patches, values as the weights expect."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from skimage.transform import resize
from torch import Tensor

from sparsedff.errors import DistillError

PREPROCESSINGS = ("paper", "imagenet")
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def as_rgb(image: NDArray) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 of a gray (H, W) or (H, W, 1), colour (H, W, 3) or colour + alpha (H, W, 4) uint8 image.

    Gray is repeated. Alpha is dropped, not blended: a camera's PNG carries it as filler.

    Raises:
        DistillError: another shape, another type, or no pixel.
    """
    image = np.asarray(image)
    channels = 1 if image.ndim == 2 else image.shape[2] if image.ndim == 3 else 0
    if image.dtype != np.uint8 or channels not in (1, 3, 4) or 0 in image.shape:
        raise DistillError(
            f"image: must be (H, W) or (H, W, 1, 3 or 4) uint8 with pixels in it, got {image.shape} {image.dtype}"
        )
    if channels == 1:
        return np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
    return image[..., :3]


def patch_size_of(height: int, width: int, patch: int, enlargement: float = 1.0) -> tuple[int, int]:
    """(height, width) [px] at which a crop is fed: the largest multiples of `patch` that fit, one patch at least.

    Args:
        height, width: of the crop [px].
        patch: side of a patch [px].
        enlargement: factor by which the crop is enlarged first; 1 as published.
    """
    return (
        max(1, int(height * enlargement + 1e-6) // patch) * patch,
        max(1, int(width * enlargement + 1e-6) // patch) * patch,
    )


def prepare(image: NDArray[np.uint8], size: tuple[int, int], preprocessing: str) -> Tensor:
    """The network's input (3, height, width) float32 of an RGB image (H, W, 3).

    Args:
        image: of any size; resized as published (skimage's resize with its defaults, antialiased when it shrinks).
        size: (height, width) [px].
        preprocessing: `paper` = RGB / 255, on which the authors' refinement network was trained; `imagenet` = with
            mean and standard deviation, as DINOv2 itself was trained.
    """
    values = torch.from_numpy(np.ascontiguousarray(resize(image, size), dtype=np.float32)).permute(2, 0, 1)
    if preprocessing == "imagenet":
        values = (values - torch.tensor(IMAGENET_MEAN)[:, None, None]) / torch.tensor(IMAGENET_STD)[:, None, None]
    return values.contiguous()
