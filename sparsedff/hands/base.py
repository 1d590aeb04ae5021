"""What an end effector is to the rest of the toolkit: the Hand protocol, and the values that describe its shape.

Shapes: B hands in a batch, J joints, L links, P collision primitives, N surface points. World frame, metres, radians.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.hands.layout import JointLayout
from sparsedff.hands.pose import HandPose
from sparsedff.hands.spec import EndEffector


@dataclass(frozen=True, eq=False)
class Primitive:
    """A collision geom of one link.

    Attributes:
        link: name of its link.
        kind: `capsule` (half_size = radius, half length along z, unused) or `box` (half_size = half extents).
        link_from_primitive: (4, 4).
        half_size: (3,) [m].
    """

    link: str
    kind: str
    link_from_primitive: NDArray[np.float64]
    half_size: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LinkMesh:
    """Visual mesh of one link in the link's frame: vertices (V, 3) [m], faces (F, 3)."""

    link: str
    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]


class Hand(Protocol):
    """A differentiable end effector. Its root link is called the palm; a HandPose says where it is.

    Attributes:
        spec: what it is, as data.
        layout: the joints in file order.
        limits_rad: (J, 2) [rad, or m of joints that slide] lower and upper limits of the joints.
        joint_limits: the same as a tensor.
        links: names of the links, in the order of `world_from_links`.
        surface_links: (N,) the link of every surface point.
        primitive_links: (P,) the link of every collision primitive.
        meshes: visual meshes.
        device, dtype: of all tensors.
    """

    spec: EndEffector
    layout: JointLayout
    limits_rad: NDArray[np.float64]
    joint_limits: Tensor
    links: tuple[str, ...]
    surface_links: tuple[str, ...]
    primitive_links: tuple[str, ...]
    device: torch.device
    dtype: torch.dtype

    @property
    def meshes(self) -> Sequence[LinkMesh]:
        """Visual meshes in link frames."""
        ...

    def world_from_links(self, translation: Tensor, rotation: Tensor, joints: Tensor) -> Tensor:
        """Poses (B, L, 4, 4) of the links.

        Args:
            translation: (B, 3) [m] of the palm.
            rotation: (B, 3, 3) world_from_palm.
            joints: (B, J) [rad] in the layout's order.
        """
        ...

    def surface(self, world_from_links: Tensor) -> Tensor:
        """Surface points (B, N, 3) [m] in the world."""
        ...

    def distance(self, world_from_links: Tensor, points: Tensor) -> Tensor:
        """Signed distance (B, M) [m] of world points (M, 3) or (B, M, 3) to the hand; negative inside."""
        ...

    def distances(self, world_from_links: Tensor, points: Tensor) -> Tensor:
        """The same to every collision primitive by itself, (B, P, M) [m]."""
        ...

    def self_penetration(self, world_from_links: Tensor) -> Tensor:
        """Total depth (B,) [m] of links in each other."""
        ...

    def pose_tensors(self, pose: HandPose) -> tuple[Tensor, Tensor, Tensor]:
        """translation (1, 3), rotation (1, 3, 3), joints (1, J) of a pose."""
        ...

    def surface_of(self, pose: HandPose) -> NDArray[np.float64]:
        """Surface points (N, 3) [m] of one pose."""
        ...

    def mesh(self, pose: HandPose) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Visual mesh of the posed hand: vertices (V, 3) [m] in the world, faces (F, 3)."""
        ...

    def reachable(self, pose: HandPose) -> HandPose:
        """The nearest pose that joint limits and coupling allow."""
        ...

    def opened(self, pose: HandPose, opening_m: float) -> HandPose:
        """The hand with its pads drawn back by `opening_m` [m] each, as far as the joints go."""
        ...
