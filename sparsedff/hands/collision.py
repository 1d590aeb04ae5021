"""Collision shape of a hand: capsules and boxes fixed to its links, with signed distances in closed form, in batches.

Shapes: B hands, L links, P primitives (capsules first), S spheres along the capsules, M points. Metres.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sparsedff.hands.base import Primitive
from sparsedff.hands.distance import box_distance, capsule_distance

SPHERES_PER_CAPSULE = 4


class CollisionShape:
    """The union of a hand's collision primitives.

    Args:
        primitives: in link frames.
        links: names of the links, in the order of `world_from_links`.
        dtype, device: of all tensors.
    """

    def __init__(
        self, primitives: Sequence[Primitive], links: tuple[str, ...], dtype: torch.dtype, device: torch.device
    ) -> None:
        # Capsules first, boxes after: each kind's distances are one batched expression.
        ordered = sorted(primitives, key=lambda primitive: primitive.kind != "capsule")
        self.links = tuple(primitive.link for primitive in ordered)
        self._capsules = sum(primitive.kind == "capsule" for primitive in ordered)
        self._owner = torch.tensor([links.index(primitive.link) for primitive in ordered], device=device)
        poses = np.stack([primitive.link_from_primitive for primitive in ordered])
        self._link_from_primitive = torch.tensor(poses, dtype=dtype, device=device)
        sizes = np.stack([primitive.half_size for primitive in ordered])
        self._half_size = torch.tensor(sizes, dtype=dtype, device=device)
        self._apart = torch.zeros(len(ordered), self._capsules, dtype=dtype, device=device)

    def set_rest(self, world_from_links: Tensor) -> None:
        """Learn from a hand at rest (1, L, 4, 4) which primitives are clear of each other: only those can collide."""
        poses = self._poses(world_from_links)
        centres, radii, owner = self._spheres(poses)
        clear = (self._distances(poses, centres) - radii)[0]  # (P, S)
        for capsule in range(self._capsules):
            self._apart[:, capsule] = (clear[:, owner == capsule].amin(dim=1) > 0).to(self._apart.dtype)

    def distances(self, world_from_links: Tensor, points: Tensor) -> Tensor:
        """Signed distance (B, P, M) [m] of world points (M, 3) or (B, M, 3) to every primitive; negative inside."""
        points = points.expand(world_from_links.shape[0], -1, 3) if points.dim() == 2 else points
        return self._distances(self._poses(world_from_links), points)

    def self_penetration(self, world_from_links: Tensor) -> Tensor:
        """Total depth (B,) [m] to which capsules sink into primitives that are clear of them at rest.

        Each capsule is represented by spheres along its axis.
        """
        poses = self._poses(world_from_links)
        centres, radii, owner = self._spheres(poses)
        depth = (radii - self._distances(poses, centres)).clamp(min=0)
        return (depth * self._apart[:, owner]).sum(dim=(1, 2)) / SPHERES_PER_CAPSULE

    def _poses(self, world_from_links: Tensor) -> Tensor:
        """world_from_primitives (B, P, 4, 4)."""
        return world_from_links[:, self._owner] @ self._link_from_primitive

    def _distances(self, world_from_primitives: Tensor, points: Tensor) -> Tensor:
        rotation, origin = world_from_primitives[..., :3, :3], world_from_primitives[..., :3, 3]
        local = (points[:, None] - origin[:, :, None]) @ rotation  # rows times R = R^T applied to each point
        n = self._capsules
        return torch.cat(
            [
                capsule_distance(local[:, :n], self._half_size[:n]),
                box_distance(local[:, n:], self._half_size[n:]),
            ],
            dim=1,
        )

    def _spheres(self, world_from_primitives: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Centres (B, S, 3), radii (S,) and owning primitives (S,) of the spheres along all capsules."""
        n, k = self._capsules, SPHERES_PER_CAPSULE
        like = self._half_size
        local = like.new_zeros(n, k, 3)
        local[..., 2] = torch.linspace(-1, 1, k, dtype=like.dtype, device=like.device) * like[:n, 1:2]
        pose = world_from_primitives[:, :n]
        centres = local @ pose[..., :3, :3].transpose(-1, -2) + pose[..., None, :3, 3]
        owner = torch.arange(n, device=like.device).repeat_interleave(k)
        return centres.flatten(1, 2), like[owner, 0], owner
