"""A placed object's signed distance on a grid in the world, differentiable in torch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import grid_sample, normalize

from sparsedff.synthetic.rendering.scene import PlacedObject


class DistanceGrid:
    """Signed distances, interpolated trilinearly: on 3 mm cells wrong by about 0.05 mm on a surface of 2 cm radius.

    Args:
        placed: the object.
        cell_m: of the grid [m]; thin walls want 2 mm.
        margin_m: how far the grid reaches beyond the box [m].
        box: (2, 3) corners in the world [m]; None takes the object's bounds.
    """

    def __init__(
        self,
        placed: PlacedObject,
        cell_m: float = 0.003,
        margin_m: float = 0.05,
        box: NDArray[np.float64] | None = None,
    ) -> None:
        bounds = placed.mesh_world.bounds if box is None else box
        low, high = bounds + np.array([[-margin_m], [margin_m]])
        count = np.ceil((high - low) / cell_m).astype(int) + 1
        axes = [low[axis] + cell_m * np.arange(count[axis]) for axis in range(3)]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
        values = placed.distance(grid.reshape(-1, 3)).reshape(count)
        # grid_sample wants (batch, channel, z, y, x)
        self._values = torch.tensor(values.transpose(2, 1, 0)[None, None], dtype=torch.float32)
        self._low = torch.tensor(low, dtype=torch.float32)
        self._span = torch.tensor(cell_m * (count - 1), dtype=torch.float32)

    def __call__(self, points: Tensor) -> Tensor:
        """Signed distance [m] of world points (B, N, 3); outside the grid that of its edge. (B, N)."""
        unit = 2.0 * (points - self._low) / self._span - 1.0
        # All batches at once in one volume: a batch of volumes would be copied for every batch element.
        sampled = grid_sample(self._values, unit.reshape(1, -1, 1, 1, 3), padding_mode="border", align_corners=True)
        return sampled.reshape(points.shape[:2])

    def normals(self, points: Tensor, step_m: float = 0.0025) -> Tensor:
        """Unit gradient (B, N, 3) of the distance by central differences, differentiable in its turn."""
        offsets = step_m * torch.eye(3, dtype=points.dtype)
        slope = torch.stack([self(points + offset) - self(points - offset) for offset in offsets], dim=-1)
        return normalize(slope, dim=-1)
