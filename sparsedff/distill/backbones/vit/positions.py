"""Position embeddings of DINOv2 at any crop size, resampled as the official code does it.

transformers' plain Dinov2Model asks for a target size; the official plain models ask for a scale factor with a tenth of
a patch added, which shifts every sampling position (docs/parity.md). The models with
registers are the same in both and need nothing from here.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import interpolate
from transformers.models.dinov2.modeling_dinov2 import Dinov2Embeddings

OFFSET = 0.1
"""Patches added to the target size before the scale factor is taken, in the official plain models."""


def resample_positions(table: Tensor, rows: int, columns: int, offset: float = OFFSET) -> Tensor:
    """Position embeddings (1, 1 + rows * columns, C) of a table (1, 1 + G * G, C), the class token's first.

    On the table's own grid nothing is resampled.
    """
    side = round((table.shape[1] - 1) ** 0.5)
    if rows == columns == side:
        return table
    grid = table[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    scale = ((rows + offset) / side, (columns + offset) / side)
    resampled = interpolate(grid.to(torch.float32), scale_factor=scale, mode="bicubic", align_corners=False)
    return torch.cat(
        [table[:, :1], resampled.to(table.dtype).permute(0, 2, 3, 1).reshape(1, rows * columns, -1)], dim=1
    )


class OfficialEmbeddings(Dinov2Embeddings):
    """Dinov2Embeddings with the official resampling; same parameters under the same names."""

    def interpolate_pos_encoding(self, embeddings: Tensor, height: int, width: int) -> Tensor:
        """(1, 1 + patches, C) for an image of height x width [px]."""
        patch = self.patch_size if isinstance(self.patch_size, int) else self.patch_size[0]
        return resample_positions(self.position_embeddings, height // patch, width // patch)
