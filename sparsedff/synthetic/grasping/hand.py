"""Where the Shadow Hand touches, and how its joints hang together: what the grasp search knows of the hand."""

from __future__ import annotations

import torch
from torch import Tensor

from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.hands.shadow.joints import JOINT_NAMES
from sparsedff.synthetic.grasping.task import FINGERTIPS

# Where the pads are, in the distal links' frames [m]: fingers curl towards -y, the thumb towards -x.
_FINGER_PAD, _FINGER_PAD_NORMAL = (0.0, -0.0073, 0.020), (0.0, -1.0, 0.0)
_THUMB_PAD, _THUMB_PAD_NORMAL = (-0.0095, 0.0, 0.022), (-1.0, 0.0, 0.0)

# Inner surfaces that wrap around handles, on the skin of their link [m].
_INNER = {
    "palm": ((0.02, -0.0115, 0.075), (-0.01, -0.0115, 0.075), (0.01, -0.0115, 0.050)),
    "proximal": ((0.0, -0.0100, 0.030),),
    "middle": ((0.0, -0.0085, 0.0125),),
}
_FINGERS = ("ff", "mf", "rf", "lf")

# A tendon couples each finger's two end joints: 0.00705 J0 - 0.00805 J1 stays within a millimetre [m / rad, m].
_TENDON_J0, _TENDON_J1, _TENDON_SLACK = 0.00705, 0.00805, 0.0008
_J0 = [JOINT_NAMES.index(f"{finger.upper()}J0") for finger in _FINGERS]
_J1 = [JOINT_NAMES.index(f"{finger.upper()}J1") for finger in _FINGERS]


def pads(hand: ShadowHand, links: Tensor) -> tuple[Tensor, Tensor]:
    """Middles of the five pads (B, 5, 3) [m] and their outward normals (B, 5, 3), in the order of FINGERTIPS."""
    tips = links[:, [hand.links.index(f"robot0:{tip}") for tip in FINGERTIPS]]
    place = tips.new_tensor([_FINGER_PAD] * 4 + [_THUMB_PAD])
    normal = tips.new_tensor([_FINGER_PAD_NORMAL] * 4 + [_THUMB_PAD_NORMAL])
    turned = tips[..., :3, :3]
    return (turned @ place[..., None])[..., 0] + tips[..., :3, 3], (turned @ normal[..., None])[..., 0]


def inner_points(hand: ShadowHand, links: Tensor) -> Tensor:
    """Points (B, 11, 3) [m] on the inside of palm, proximal and middle links."""
    points = []
    for kind, places in _INNER.items():
        for name in ("palm",) if kind == "palm" else tuple(finger + kind for finger in _FINGERS):
            pose = links[:, hand.links.index(f"robot0:{name}")]
            local = links.new_tensor(places)
            points.append(local @ pose[:, :3, :3].transpose(1, 2) + pose[:, None, :3, 3])
    return torch.cat(points, dim=1)


def coupling_excess(joints: Tensor) -> Tensor:
    """By how much (B, 4) [rad] the end joints of the fingers break the tendon that couples them; joints (B, 22)."""
    stretch = _TENDON_J0 * joints[:, _J0] - _TENDON_J1 * joints[:, _J1]
    return (stretch.abs() - _TENDON_SLACK).clamp(min=0.0) / _TENDON_J1


def box_points(hand: ShadowHand, links: Tensor) -> Tensor:
    """Points (B, K, 3) [m] on the hand's boxes, some 1 cm apart: the palm has hardly any surface points of its own."""
    points = []
    for primitive in hand.model.primitives:
        if primitive.kind != "box":
            continue
        unit = torch.cartesian_prod(*(torch.linspace(-1, 1, n) for n in (5, 3, 7)))
        unit = unit[(unit.abs() == 1).any(dim=1)].to(links.dtype)
        local = unit * links.new_tensor(primitive.half_size) @ links.new_tensor(primitive.link_from_primitive[:3, :3]).T
        local = local + links.new_tensor(primitive.link_from_primitive[:3, 3])
        pose = links[:, hand.links.index(primitive.link)]
        points.append(local @ pose[:, :3, :3].transpose(1, 2) + pose[:, None, :3, 3])
    return torch.cat(points, dim=1)


def capsule_spheres(hand: ShadowHand, links: Tensor, count: int = 7) -> tuple[Tensor, Tensor]:
    """Centres (B, S, 3) and radii (S,) [m] of spheres that fill the hand's capsules."""
    centres, radii = [], []
    for primitive in hand.model.primitives:
        if primitive.kind != "capsule":
            continue
        axis = links.new_tensor(primitive.link_from_primitive[:3, 2])
        start = links.new_tensor(primitive.link_from_primitive[:3, 3])
        along = torch.linspace(-1, 1, count, dtype=links.dtype) * float(primitive.half_size[1])
        pose = links[:, hand.links.index(primitive.link)]
        local = start + along[:, None] * axis
        centres.append(local @ pose[:, :3, :3].transpose(1, 2) + pose[:, None, :3, 3])
        radii.append(torch.full((count,), float(primitive.half_size[0]), dtype=links.dtype))
    return torch.cat(centres, dim=1), torch.cat(radii)
