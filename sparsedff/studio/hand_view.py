"""Hands in the browser: one mesh a link, sent once; afterwards only poses travel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import trimesh
import viser
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.visualize.palette import FINGERTIP_RGB, GHOST_RGB, HAND_RGB, Color


def wxyz(rotation: NDArray[np.floating]) -> NDArray[np.float64]:
    """Quaternions (..., 4), real part first, of rotations (..., 3, 3)."""
    flat = Rotation.from_matrix(np.asarray(rotation).reshape(-1, 3, 3)).as_quat(scalar_first=True)
    return np.asarray(flat).reshape(*np.shape(rotation)[:-2], 4)


class HandView:
    """A solid hand below a node of the scene that stands where the palm is.

    Args:
        server: the page.
        palm: name of that node.
        hand: gives links and meshes.
        color: of the hand; its fingertips are orange.
    """

    def __init__(self, server: viser.ViserServer, palm: str, hand: ModelHand, color: Color = HAND_RGB) -> None:
        self._server, self._hand = server, hand
        self._links = {}
        tips = {hand.spec.link(tip) for tip in hand.spec.tips}
        for mesh in hand.meshes:
            rgb = FINGERTIP_RGB if mesh.link in tips else color
            name = f"{palm}/{mesh.link.rpartition(':')[2]}"
            vertices, faces = mesh.vertices.astype(np.float32), mesh.faces.astype(np.uint32)
            self._links[mesh.link] = server.scene.add_mesh_simple(name, vertices, faces, color=rgb)

    def show(self, palm_from_links: NDArray[np.float64]) -> None:
        """Pose the links (L, 4, 4), in the hand's order."""
        quaternions = wxyz(palm_from_links[:, :3, :3])
        with self._server.atomic():
            for index, link in enumerate(self._hand.links):
                if link in self._links:
                    node = self._links[link]
                    node.wxyz, node.position = quaternions[index], palm_from_links[index, :3, 3]

    def show_joints(self, joints: NDArray[np.floating]) -> None:
        """Pose the links by joints (J,) [rad]."""
        self.show(palm_from_links(self._hand, joints[None])[0])


class Ghosts:
    """Many faint hands at once, as convex hulls of their links: there are up to hundreds.

    Args:
        server: the page.
        name: of their node.
        hand: gives links and meshes.
        count: how many there are at most.
    """

    def __init__(self, server: viser.ViserServer, name: str, hand: ModelHand, count: int) -> None:
        self._server, self._hand, self._count = server, hand, count
        self._node = server.scene.add_frame(name, show_axes=False)
        self._links = {}
        self._allowed, self._some = True, False
        for mesh in hand.meshes if count else ():
            hull = trimesh.Trimesh(mesh.vertices, mesh.faces).convex_hull
            self._links[mesh.link] = server.scene.add_batched_meshes_simple(
                f"{name}/{mesh.link.rpartition(':')[2]}",
                np.asarray(hull.vertices, dtype=np.float32),
                np.asarray(hull.faces, dtype=np.uint32),
                *_rest(count),
                batched_scales=np.zeros(count),
                batched_colors=GHOST_RGB,
                opacity=0.22,
                cast_shadow=False,
            )

    def show_all(self, shown: bool) -> None:
        """Show them or hide them, wherever they are."""
        self._allowed = shown
        self._node.visible = self._allowed and self._some

    def remove(self) -> None:
        """Take them off the page."""
        self._node.remove()

    def show(self, poses: Sequence[HandPose]) -> None:
        """Show these, at most `count`, and no others."""
        shown = list(poses)[: self._count]
        scales = np.zeros(self._count, dtype=np.float32)
        scales[: len(shown)] = 1.0
        self._some = bool(shown)
        with self._server.atomic():
            self._node.visible = self._allowed and self._some  # even hands of no size would cost the page time
            if not shown:
                return
            links = self._world_from_links(shown)
            for index, link in enumerate(self._hand.links):
                node = self._links.get(link)
                if node is None:
                    continue
                quaternions, positions = _rest(self._count)
                quaternions[: len(shown)] = wxyz(links[:, index, :3, :3])
                positions[: len(shown)] = links[:, index, :3, 3]
                node.batched_wxyzs, node.batched_positions = quaternions, positions
                node.batched_scales = scales

    def _world_from_links(self, poses: Sequence[HandPose]) -> NDArray[np.float64]:
        world_from_palm = np.stack([pose.world_from_palm for pose in poses])
        joints = np.stack([pose.joints for pose in poses])
        return world_from_palm[:, None] @ palm_from_links(self._hand, joints)


def _rest(count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Quaternions (count, 4) and positions (count, 3) that move nothing."""
    return np.tile(np.array([1, 0, 0, 0], dtype=np.float32), (count, 1)), np.zeros((count, 3), dtype=np.float32)


def palm_from_links(hand: ModelHand, joints: NDArray[np.floating]) -> NDArray[np.float64]:
    """Poses (B, L, 4, 4) of the links in the palm's frame, for joints (B, J) [rad, m]."""
    angles = torch.tensor(np.asarray(joints)).to(hand.joint_limits)
    eye = torch.eye(3).to(angles).expand(len(angles), 3, 3)
    with torch.no_grad():
        links = hand.world_from_links(torch.zeros(len(angles), 3).to(angles), eye, angles)
    return links.cpu().numpy().astype(np.float64)
