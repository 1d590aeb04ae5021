"""The Shadow Hand as a differentiable end effector: joints and palm pose in, points and distances out."""

from __future__ import annotations

import numpy as np
import pytorch_kinematics as pk
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.hands.distance import box_distance, capsule_distance
from sparsedff.hands.pose import JOINT_NAMES, HandPose
from sparsedff.hands.shadow.model import PALM, PREFIX, load_shadow_model
from sparsedff.hands.surface import sample_surface

SPHERES_PER_CAPSULE = 4


class ShadowHand:
    """Kinematics, surface points and collision geometry of the 22-joint Shadow Hand, in batches.

    The palm body is the root; wrist and forearm are left out. Batch dimension B throughout; world frame, metres.

    Args:
        surface_points: how many points of the surface stand for the hand (`hand_model.pt_nums`).
        tip_emphasis: how much denser they lie on distal links (`hand_model.tip_aug`).
        seed: of the surface sampling.
        device, dtype: of all tensors.
    """

    joint_names = JOINT_NAMES

    def __init__(
        self,
        surface_points: int = 500,
        tip_emphasis: float = 4.0,
        seed: int = 0,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
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
        self.joint_limits = self._tensor(self.model.joint_limits)

        surface = sample_surface(self.model.meshes, surface_points, tip_emphasis, seed)
        self.surface_links = surface.links
        self._surface_index = torch.tensor([self.links.index(link) for link in surface.links], device=self.device)
        self._surface_link = self._tensor(surface.points_link)

        # Capsules first, boxes after: each kind's distances are one batched expression.
        primitives = sorted(self.model.primitives, key=lambda p: p.kind != "capsule")
        self.primitive_links = tuple(p.link for p in primitives)
        self._capsules = sum(p.kind == "capsule" for p in primitives)
        self._primitive_index = torch.tensor([self.links.index(p.link) for p in primitives], device=self.device)
        self._link_from_primitive = self._tensor(np.stack([p.link_from_primitive for p in primitives]))
        self._half_size = self._tensor(np.stack([p.half_size for p in primitives]))
        self._apart = self._pairs_apart_at_rest()

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

    def self_penetration(self, world_from_links: Tensor) -> Tensor:
        """Total depth (B,) [m] to which capsules sink into primitives of links that do not touch at rest.

        Each capsule is represented by spheres along its axis.
        """
        world_from_primitives = world_from_links[:, self._primitive_index] @ self._link_from_primitive
        centres, radii, owner = self._spheres(world_from_primitives)
        depth = (radii - self._primitive_distances(world_from_primitives, centres)).clamp(min=0)
        return (depth * self._apart[:, owner]).sum(dim=(1, 2)) / SPHERES_PER_CAPSULE

    def distances(self, world_from_links: Tensor, points: Tensor) -> Tensor:
        """The same to every collision primitive by itself, (B, P, M) [m] in the order of `primitive_links`."""
        world_from_primitives = world_from_links[:, self._primitive_index] @ self._link_from_primitive
        points = points.expand(world_from_links.shape[0], -1, 3) if points.dim() == 2 else points
        return self._primitive_distances(world_from_primitives, points)

    def _primitive_distances(self, world_from_primitives: Tensor, points: Tensor) -> Tensor:
        """(B, P, M) signed distances of points (B, M, 3) to every primitive."""
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
        along = torch.linspace(-1, 1, k, dtype=self.dtype, device=self.device)
        local = torch.zeros(n, k, 3, dtype=self.dtype, device=self.device)
        local[..., 2] = along * self._half_size[:n, 1:2]
        pose = world_from_primitives[:, :n]
        centres = local @ pose[..., :3, :3].transpose(-1, -2) + pose[..., None, :3, 3]
        owner = torch.arange(n, device=self.device).repeat_interleave(k)
        return centres.flatten(1, 2), self._half_size[owner, 0], owner

    def _pairs_apart_at_rest(self) -> Tensor:
        """(P, P) 1 where two primitives, capsule column against any row, are clear of each other with the hand open."""
        open_joints = self._tensor(np.clip(np.zeros(len(JOINT_NAMES)), *self.model.joint_limits.T))[None]
        eye = torch.eye(3, dtype=self.dtype, device=self.device)[None]
        links = self.world_from_links(torch.zeros(1, 3, dtype=self.dtype, device=self.device), eye, open_joints)
        poses = links[:, self._primitive_index] @ self._link_from_primitive
        centres, radii, owner = self._spheres(poses)
        clear = (self._primitive_distances(poses, centres) - radii)[0]  # (P, S)
        apart = torch.zeros(len(self.primitive_links), self._capsules, dtype=self.dtype, device=self.device)
        for capsule in range(self._capsules):
            apart[:, capsule] = (clear[:, owner == capsule].amin(dim=1) > 0).to(self.dtype)
        return apart

    def pose_tensors(self, pose: HandPose) -> tuple[Tensor, Tensor, Tensor]:
        """translation (1, 3), rotation (1, 3, 3), joints (1, 22) of a pose, ready for `world_from_links`."""
        return self._tensor(pose.translation)[None], self._tensor(pose.rotation)[None], self._tensor(pose.joints)[None]

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
