"""To which rank wide features may be factored."""

from __future__ import annotations

import torch
from torch import Tensor

EXACT_CHANNELS = 128
"""Up to these many channels factoring saves nothing worth an error."""
STEP = 16


def sufficient_rank(features: Tensor, error: float) -> int | None:
    """The lowest rank, a multiple of 16, to which features (N, C) can be factored within an error; None = leave them.

    The kernel's cost grows with the rank, and DINOv2's 768 channels on one object span far fewer directions. How many
    differs from object to object, so the error is given and not the rank.

    Args:
        features: of the cloud; the factors are those of `build_field`.
        error: root mean square of what factoring changes, as a share of the features' root mean square spread.
    """
    points, channels = features.shape
    if channels <= EXACT_CHANNELS or points <= EXACT_CHANNELS:
        return None
    double = features.to("cpu", torch.float64)
    spread = double.var(dim=0, correction=0).sum() * points
    squares = torch.linalg.eigvalsh(double.T @ double).clamp(min=0).flip(0)
    left = squares.flip(0).cumsum(0).flip(0)  # left[r]: squared error of rank r
    enough = torch.nonzero(left <= error**2 * spread)
    rank = int(enough[0]) if len(enough) else channels
    rank = max(STEP, -(-rank // STEP) * STEP)
    return rank if rank < min(points, channels) * 3 // 4 else None
