"""Where a hand's links are: pytorch_kinematics on its MJCF, with the joints that follow others put in."""

from __future__ import annotations

import numpy as np
import pytorch_kinematics as pk
import torch
from torch import Tensor

from sparsedff.errors import HandError
from sparsedff.hands.model import HandModel
from sparsedff.hands.spec import EndEffector


class Kinematics:
    """Forward kinematics of a hand below its root.

    Args:
        spec, model: the hand.
        links: names of the links whose places are wanted.
        dtype, device: of all tensors.

    Raises:
        HandError: a joint of the model is neither in the spec's layout nor follows one that is.
    """

    def __init__(
        self, spec: EndEffector, model: HandModel, links: tuple[str, ...], dtype: torch.dtype, device: torch.device
    ) -> None:
        root = spec.link(spec.root)
        chain = pk.build_chain_from_mjcf(model.mjcf, body=root, assets=model.assets)
        self._chain = chain.to(dtype=dtype, device=device)
        names = [name.removeprefix(spec.prefix) for name in self._chain.get_joint_parameter_names()]
        followers = {one.joint: one for one in spec.followers}
        for name in names:
            if name not in spec.layout.names and name not in followers:
                raise HandError(f"{spec.name}: its model's joint {name} is neither in joints nor in followers")
        leaders = [followers[name].leader if name in followers else name for name in names]
        self._leader = torch.tensor([spec.layout.index(name) for name in leaders], device=device)
        self._ratio = torch.tensor(
            [followers[name].ratio if name in followers else 1.0 for name in names], dtype=dtype, device=device
        )
        self._offset = torch.tensor(
            [followers[name].offset if name in followers else 0.0 for name in names], dtype=dtype, device=device
        )
        self._plain = not followers
        self._frames = torch.tensor([int(self._chain.get_frame_indices(link)[0]) for link in links], device=device)
        self._root_frame = int(self._chain.get_frame_indices(root)[0])
        palm_from_root = np.eye(4)
        palm_from_root[:3, :3] = spec.palm_from_root
        self._palm_from_root = torch.tensor(palm_from_root, dtype=dtype, device=device)

    def __call__(self, joints: Tensor) -> Tensor:
        """palm_from_links (B, L, 4, 4) [m] of joints (B, J) in the layout's order."""
        values = joints[:, self._leader]
        frames = self._chain.forward_kinematics_tensor(values if self._plain else values * self._ratio + self._offset)
        # The chain keeps the root body's own offset at its root; the root's frame is what a pose places.
        palm_from_world = self._palm_from_root @ torch.linalg.inv(frames[self._root_frame, :1].detach())
        return (palm_from_world @ frames[self._frames]).transpose(0, 1)
