"""A promptable segmenter: an image is embedded once, then asked for masks at points as often as one likes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate, pad

from sparsedff.distill.weights.precision import autocast

PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)


@dataclass(frozen=True, eq=False)
class Embedded:
    """One image as the model sees it.

    Attributes:
        features: of the model's image encoder.
        image_size: (height, width) [px] of the image.
        input_size: (height, width) [px] to which it was resized.
    """

    features: Any
    image_size: tuple[int, int]
    input_size: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Predictor:
    """Segment Anything, first or second, on a device.

    Attributes:
        model: SamModel or Sam2Model of transformers.
        side: of the square that the image encoder takes [px].
        squeeze: resize the image to the whole square, as SAM 2 does; else its longer side to `side`, the rest padded.
        precision: of the image encoder, see `autocast`; the small decoder always computes in float32.
    """

    model: Any
    side: int
    squeeze: bool = False
    precision: str = "auto"

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.model.parameters()).device

    def pixels(self, image: NDArray[np.uint8]) -> tuple[Tensor, tuple[int, int]]:
        """The encoder's input (1, 3, side, side) of an RGB image (H, W, 3), and (height, width) of the resized image.

        Pillow's bilinear filter, which widens when it shrinks, is the official one; others move mask borders.
        """
        height, width = image.shape[:2]
        scale = self.side / max(height, width)
        size = (self.side, self.side) if self.squeeze else (int(height * scale + 0.5), int(width * scale + 0.5))
        size = (max(1, size[0]), max(1, size[1]))
        resized = np.array(Image.fromarray(image).resize(size[::-1], Image.Resampling.BILINEAR))
        values = torch.from_numpy(resized).to(self.device, torch.float32).permute(2, 0, 1)[None]
        mean, std = (torch.tensor(v, device=self.device)[None, :, None, None] for v in (PIXEL_MEAN, PIXEL_STD))
        return pad((values - mean) / std, (0, self.side - size[1], 0, self.side - size[0])), size

    def embed(self, image: NDArray[np.uint8]) -> Embedded:
        """Run the image encoder, the expensive part, on an RGB image (H, W, 3)."""
        pixels, size = self.pixels(image)
        with torch.inference_mode(), autocast(self.device, self.precision):
            features = self.model.get_image_embeddings(pixels)
        features = [f.float() for f in features] if isinstance(features, list) else features.float()
        return Embedded(features, (image.shape[0], image.shape[1]), size)

    def logits(
        self,
        embedded: Embedded,
        points: NDArray[np.number] | None = None,
        labels: NDArray[np.integer] | None = None,
        box: NDArray[np.floating] | None = None,
        previous: Tensor | None = None,
        several: bool = True,
    ) -> tuple[Tensor, NDArray[np.float32]]:
        """Low-resolution mask logits (M, side / 4, side / 4) and the model's own estimates of their IoU (M,).

        Args:
            embedded: of the image.
            points: (N, 2) [px] (u, v) in the image.
            labels: (N,) 1 = on the object, 0 = not.
            box: (4,) [px] left, top, right, bottom.
            previous: (side / 4, side / 4) logits of an earlier answer.
            several: M = 3 masks of different extent; else M = 1.
        """
        scale = np.array(embedded.input_size[::-1]) / np.array(embedded.image_size[::-1])
        prompts: dict[str, Tensor] = {}
        if points is not None and labels is not None:
            prompts["input_points"] = self._tensor(np.asarray(points) * scale)[None, None]
            prompts["input_labels"] = torch.from_numpy(np.asarray(labels)).to(self.device, torch.int32)[None, None]
        if box is not None:
            prompts["input_boxes"] = self._tensor((np.asarray(box).reshape(2, 2) * scale).reshape(1, 1, 4))
        if previous is not None:
            prompts["input_masks"] = previous.to(self.device)[None, None]
        with torch.inference_mode():
            answer = self.model(image_embeddings=embedded.features, multimask_output=several, **prompts)
        return answer.pred_masks[0, 0], answer.iou_scores[0, 0].float().cpu().numpy()

    def masks(self, embedded: Embedded, logits: Tensor) -> NDArray[np.bool_]:
        """Masks (M, H, W) in the image's own size of low-resolution logits (M, h, w)."""
        return self.upscaled(embedded, logits).cpu().numpy() > 0

    def upscaled(self, embedded: Embedded, logits: Tensor) -> Tensor:
        """Logits (M, H, W) in the image's own size: to the encoder's square, padding cut off, then to the image."""
        height, width = embedded.input_size
        square = interpolate(logits[None], (self.side, self.side), mode="bilinear", align_corners=False)
        inside = square[..., :height, :width]
        return interpolate(inside, embedded.image_size, mode="bilinear", align_corners=False)[0]

    def _tensor(self, values: NDArray) -> Tensor:
        return torch.from_numpy(np.asarray(values, dtype=np.float32)).to(self.device)
