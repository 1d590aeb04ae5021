"""Any hand that a spec describes, differentiable: joints and palm pose in, points and distances out, in batches."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.errors import HandError
from sparsedff.hands import closing
from sparsedff.hands.base import LinkMesh
from sparsedff.hands.collision import CollisionShape
from sparsedff.hands.kinematics import Kinematics
from sparsedff.hands.model import load_model
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.spec import EndEffector
from sparsedff.hands.surface import sample_surface


class ModelHand:
    """Kinematics, surface points and collision geometry of a hand, in batches.

    The spec's root is the palm; what it hangs on is left out. Batch dimension B throughout; world frame, metres.

    Args:
        spec: the hand.
        settings: how many surface points stand for it, and how much denser they lie on its fingertips.
        seed: of the surface sampling.
        device, dtype: of all tensors.

    Raises:
        HandError: its model is missing or does not fit the spec.
    """

    def __init__(
        self,
        spec: EndEffector,
        settings: HandSettings | None = None,
        seed: int = 0,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        settings = settings or HandSettings()
        self.spec, self.layout = spec, spec.layout
        self.model = load_model(spec)
        self.device, self.dtype = torch.device(device), dtype
        self.links = tuple(mesh.link for mesh in self.model.meshes)
        self._kinematics = Kinematics(spec, self.model, self.links, dtype, self.device)
        self.limits_rad = self.model.joint_limits
        self.joint_limits = self._tensor(self.limits_rad)

        tips, middles = (tuple(map(spec.link, names)) for names in (spec.tips, spec.middles))
        inside = self.model.inside if self.model.solid else None
        surface = sample_surface(self.model.meshes, settings.pt_nums, settings.tip_aug, seed, tips, middles, inside)
        self.surface_links = surface.links
        self._surface_index = torch.tensor([self.links.index(link) for link in surface.links], device=self.device)
        self._surface_link = self._tensor(surface.points_link)

        self._shape = CollisionShape(self.model.primitives, self.links, dtype, self.device)
        self.primitive_links = self._shape.links
        self._shape.set_rest(self.world_from_links(*self._open_hand()))

    @property
    def meshes(self) -> tuple[LinkMesh, ...]:
        """Visual meshes in link frames."""
        return self.model.meshes

    def _tensor(self, array: NDArray) -> Tensor:
        return torch.tensor(np.array(array), dtype=self.dtype, device=self.device)

    def world_from_links(self, translation: Tensor, rotation: Tensor, joints: Tensor) -> Tensor:
        """Poses (B, L, 4, 4) of the links in `self.links` order.

        Args:
            translation: (B, 3) [m] of the palm.
            rotation: (B, 3, 3) world_from_palm.
            joints: (B, J) [rad, m] in the layout's order.
        """
        palm_from_links = self._kinematics(joints)
        turned = rotation[:, None] @ palm_from_links[:, :, :3, :3]
        moved = (rotation[:, None] @ palm_from_links[:, :, :3, 3:]) + translation[:, None, :, None]
        upper = torch.cat([turned, moved], dim=-1)
        last = torch.zeros_like(upper[:, :, :1])
        last[..., 3] = 1
        return torch.cat([upper, last], dim=-2)

    def surface(self, world_from_links: Tensor) -> Tensor:
        """Surface points (B, N, 3) [m] in the world."""
        return _place(world_from_links[:, self._surface_index], self._surface_link)

    def distance(self, world_from_links: Tensor, points: Tensor) -> Tensor:
        """Signed distance (B, M) [m] of world points (M, 3) or (B, M, 3) to the hand; negative inside.

        The hand is the union of its collision primitives: the distance is the smallest of theirs.
        """
        return self.distances(world_from_links, points).amin(dim=1)

    def distances(self, world_from_links: Tensor, points: Tensor) -> Tensor:
        """The same to every collision primitive by itself, (B, P, M) [m] in the order of `primitive_links`."""
        return self._shape.distances(world_from_links, points)

    def self_penetration(self, world_from_links: Tensor) -> Tensor:
        """Total depth (B,) [m] to which capsules sink into primitives of links that do not touch at rest."""
        return self._shape.self_penetration(world_from_links)

    def _open_hand(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.pose_tensors(HandPose(np.zeros(3), np.eye(3), self.spec.posture({}, self.limits_rad)))

    def pose_tensors(self, pose: HandPose) -> tuple[Tensor, Tensor, Tensor]:
        """translation (1, 3), rotation (1, 3, 3), joints (1, J) of a pose, ready for `world_from_links`.

        Raises:
            HandError: the pose is another hand's.
        """
        if pose.joints.shape != (len(self.layout),):
            raise HandError(
                f"a pose of {len(pose.joints)} joints is not that of {self.spec.name}, which has {len(self.layout)}"
            )
        return self._tensor(pose.translation)[None], self._tensor(pose.rotation)[None], self._tensor(pose.joints)[None]

    def reachable(self, pose: HandPose) -> HandPose:
        """The nearest pose that the hand's cords and joint limits allow."""
        return closing.reachable(self, pose)

    def opened(self, pose: HandPose, opening_m: float) -> HandPose:
        """The hand with its pads drawn apart by `opening_m` [m] each, as far as the joints go."""
        return closing.opened(self, pose, opening_m)

    def surface_of(self, pose: HandPose) -> NDArray[np.float64]:
        """Surface points (N, 3) [m] of one pose."""
        with torch.no_grad():
            return self.surface(self.world_from_links(*self.pose_tensors(pose)))[0].cpu().numpy().astype(np.float64)

    def mesh(self, pose: HandPose) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Visual mesh of the posed hand: vertices (V, 3) [m] in the world, faces (F, 3)."""
        with torch.no_grad():
            poses = self.world_from_links(*self.pose_tensors(pose))[0].cpu().numpy().astype(np.float64)
        vertices, faces, offset = [], [], 0
        for mesh in self.model.meshes:
            world_from_link = poses[self.links.index(mesh.link)]
            vertices.append(mesh.vertices @ world_from_link[:3, :3].T + world_from_link[:3, 3])
            faces.append(mesh.faces + offset)
            offset += len(mesh.vertices)
        return np.concatenate(vertices), np.concatenate(faces)


def _place(poses: Tensor, points: Tensor) -> Tensor:
    """Points (N, 3) through one pose each (B, N, 4, 4): (B, N, 3)."""
    return (poses[..., :3, :3] @ points[..., None])[..., 0] + poses[..., :3, 3]
