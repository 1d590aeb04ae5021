"""The Shadow Hand as a differentiable end effector: joints and palm pose in, points and distances out."""

from __future__ import annotations

import numpy as np
import pytorch_kinematics as pk
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.errors import HandError
from sparsedff.hands.base import LinkMesh
from sparsedff.hands.collision import CollisionShape
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow import opening
from sparsedff.hands.shadow.joints import JOINT_NAMES, SHADOW_JOINTS
from sparsedff.hands.shadow.model import PALM, PREFIX, load_shadow_model
from sparsedff.hands.surface import sample_surface


class ShadowHand:
    """Kinematics, surface points and collision geometry of the 22-joint Shadow Hand, in batches.

    The palm body is the root; wrist and forearm are left out. Batch dimension B throughout; world frame, metres.

    Args:
        settings: how many surface points stand for the hand, and how much denser they lie on distal links.
        seed: of the surface sampling.
        device, dtype: of all tensors.
    """

    layout = SHADOW_JOINTS

    def __init__(
        self,
        settings: HandSettings | None = None,
        seed: int = 0,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        settings = settings or HandSettings()
        self.model = load_shadow_model()
        self.device, self.dtype = torch.device(device), dtype
        chain = pk.build_chain_from_mjcf(self.model.mjcf, body=PALM, assets=self.model.assets)
        self._chain = chain.to(dtype=dtype, device=self.device)
        names = [name.removeprefix(PREFIX) for name in self._chain.get_joint_parameter_names()]
        self._to_chain_order = torch.tensor([JOINT_NAMES.index(name) for name in names], device=self.device)
        self.links = tuple(dict.fromkeys(mesh.link for mesh in self.model.meshes))
        frames = [int(self._chain.get_frame_indices(link)[0]) for link in self.links]
        self._frames = torch.tensor(frames, device=self.device)
        self._palm_frame = int(self._chain.get_frame_indices(PALM)[0])
        self.limits_rad = self.model.joint_limits
        self.joint_limits = self._tensor(self.limits_rad)

        surface = sample_surface(self.model.meshes, settings.pt_nums, settings.tip_aug, seed)
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
            translation: (B, 3) [m] of the palm body.
            rotation: (B, 3, 3) world_from_palm.
            joints: (B, 22) [rad] in the order of JOINT_NAMES.
        """
        frames = self._chain.forward_kinematics_tensor(joints[:, self._to_chain_order])
        # The chain keeps the palm body's own offset to the wrist at its root; the palm frame is what we pose.
        palm_from_root = torch.linalg.inv(frames[self._palm_frame, :1].detach())
        palm_from_links = (palm_from_root @ frames[self._frames]).transpose(0, 1)
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

        The hand is the union of its collision capsules and boxes: the distance is the smallest of theirs.
        """
        return self.distances(world_from_links, points).amin(dim=1)

    def distances(self, world_from_links: Tensor, points: Tensor) -> Tensor:
        """The same to every collision primitive by itself, (B, P, M) [m] in the order of `primitive_links`."""
        return self._shape.distances(world_from_links, points)

    def self_penetration(self, world_from_links: Tensor) -> Tensor:
        """Total depth (B,) [m] to which capsules sink into primitives of links that do not touch at rest."""
        return self._shape.self_penetration(world_from_links)

    def _open_hand(self) -> tuple[Tensor, Tensor, Tensor]:
        joints = np.clip(np.zeros(len(JOINT_NAMES)), *self.limits_rad.T)
        return self.pose_tensors(HandPose(np.zeros(3), np.eye(3), joints))

    def pose_tensors(self, pose: HandPose) -> tuple[Tensor, Tensor, Tensor]:
        """translation (1, 3), rotation (1, 3, 3), joints (1, 22) of a pose, ready for `world_from_links`.

        Raises:
            HandError: the pose is another hand's.
        """
        if pose.joints.shape != (len(self.layout),):
            raise HandError(
                f"a pose of {len(pose.joints)} joints is not the Shadow Hand's, which has {len(self.layout)}"
            )
        return self._tensor(pose.translation)[None], self._tensor(pose.rotation)[None], self._tensor(pose.joints)[None]

    def reachable(self, pose: HandPose) -> HandPose:
        """The nearest pose that the hand's cords and joint limits allow."""
        return opening.reachable(pose, self.limits_rad)

    def opened(self, pose: HandPose, opening_m: float) -> HandPose:
        """The hand with its pads drawn apart by `opening_m` [m] each, as far as the joints go."""
        return opening.opened(self, pose, opening_m, self.limits_rad)

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
