"""Signed distance to capsules and boxes in closed form, for batches of posed primitives."""

from __future__ import annotations

import torch
from torch import Tensor


def capsule_distance(points: Tensor, half_size: Tensor) -> Tensor:
    """Signed distance (..., N) [m] of points (..., N, 3) to a z capsule; half_size (..., 3): radius, half length."""
    radius, half_length = half_size[..., None, 0], half_size[..., None, 1]
    along = torch.minimum(torch.maximum(points[..., 2], -half_length), half_length)
    offset = torch.stack([points[..., 0], points[..., 1], points[..., 2] - along], dim=-1)
    return _length(offset) - radius


def box_distance(points: Tensor, half_size: Tensor) -> Tensor:
    """Signed distance (..., N) [m] of points (..., N, 3) in the box's frame; half_size (..., 3) half extents."""
    q = points.abs() - half_size[..., None, :]
    return _length(q.clamp(min=0)) + q.amax(dim=-1).clamp(max=0)


def _length(vectors: Tensor) -> Tensor:
    """Euclidean length whose gradient at zero is zero rather than NaN."""
    return (vectors.square().sum(-1) + 1e-24).sqrt()
