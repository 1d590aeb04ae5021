"""Continuous 6D rotations, orthonormalised symmetrically (docs/method.md, eq. 11; Zhou et al. 2019, CVPR, for 6D)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize


def rotation_from_6d(columns: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) of 6D vectors (..., 6): three numbers towards column x, then three towards y.

    Unlike Gram-Schmidt neither vector is privileged. Both are normalised; their bisector m and the direction n across
    it are orthogonal by construction, and the columns are the two unit vectors halfway between them:

        m = (a + b) / |a + b|,  n = (a - b) / |a - b|,  x = (m + n) / sqrt(2),  y = (m - n) / sqrt(2),  z = x cross y

    Exactly parallel, antiparallel or zero input vectors leave m or n undefined; the result is then no rotation, as
    in the published function (determinant 0), and the caller starts away from them.
    """
    a = normalize(columns[..., :3], dim=-1)
    b = normalize(columns[..., 3:], dim=-1)
    bisector = normalize(a + b, dim=-1)
    across = normalize(a - b, dim=-1)
    x = normalize(bisector + across, dim=-1)
    y = normalize(bisector - across, dim=-1)
    return torch.stack([x, y, torch.linalg.cross(x, y, dim=-1)], dim=-1)


def rotation_to_6d(rotation: Tensor) -> Tensor:
    """The first two columns (..., 6) of rotation matrices (..., 3, 3): a right inverse of `rotation_from_6d`."""
    return torch.cat([rotation[..., :, 0], rotation[..., :, 1]], dim=-1)
