"""A grasp of one hand carried out by another: fingers that play the same parts go to the same places of the object.

Symbols, per finger f of the acting hand and batch of B hands:

    t_f, m_f   where the shown fingers of its roles touch [m], and the outward normal of their pads: weighted means
    p_f, n_f   the acting finger's own pad and normal
    w_f        how near the shown pads are to the object: fingers that hold count, fingers in the air hardly do
    g_f, s_f   distance of p_f, and of t_f, from the object's points [m]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation
from torch import Tensor
from torch.nn.functional import normalize

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.rotation6d import rotation_from_6d, rotation_to_6d

Float = NDArray[np.float64]

_TOUCH_M = 0.01  # shown pads this far from the object hardly hold it
_PLACE, _NORMAL, _PALM, _GAP, _DEPTH, _SELF = 1.0, 0.5, 0.1, 4.0, 200.0, 200.0  # weights; lengths count in centimetres
_STEPS, _RATE = 200, 0.02
_MOST_POINTS = 1500


@dataclass(frozen=True, eq=False)
class Touches:
    """Where the fingers of an acting hand are to be, F of them: places (F, 3) [m], normals (F, 3), weights (F,)."""

    places: Float
    normals: Float
    weights: Float


def shown_touches(shown: Hand, pose: HandPose, acting: Hand, points: Float) -> Touches:
    """What a shown grasp means for another hand's fingers.

    Args:
        shown, pose: the grasp.
        acting: the other hand.
        points: (N, 3) [m] of the object.
    """
    with torch.no_grad():
        links = shown.world_from_links(*shown.pose_tensors(pose))
        places, normals = (each[0].cpu().numpy().astype(np.float64) for each in _pads(shown, links))
    near = np.exp(-((cKDTree(points).query(places)[0] / _TOUCH_M) ** 2)) + 1e-3
    roles = {role: index for index, finger in enumerate(shown.spec.fingers) for role in finger.roles}
    rows: list[tuple[Float, Float, float]] = []
    for finger in acting.spec.fingers:
        same = sorted({roles[role] for role in finger.roles if role in roles})
        share = near[same]
        middle, normal = share @ places[same] / share.sum(), share @ normals[same]
        rows.append((middle, normal / max(float(np.linalg.norm(normal)), 1e-9), float(share.max())))
    return Touches(*(np.array(column) for column in zip(*rows, strict=True)))


def retargeted(
    shown: Hand, pose: HandPose, acting: Hand, points: Float, starts: int = 24, seed: int = 0
) -> tuple[HandPose, ...]:
    """The shown grasp with another hand: poses that were found, best first.

    Minimised from several orientations, with Adam:

        sum_f w_f ((p_f - t_f)^2 + (1 - n_f m_f) / 2 + 4 (g_f - s_f)^2) + palm turned + depth in object, table, itself

    Args:
        shown, pose: the grasp.
        acting: the hand that is to do it.
        points: (N, 3) [m] of the object.
        starts: how many.
        seed: of the starts.
    """
    rng = np.random.default_rng(seed)
    kept = points[rng.permutation(len(points))[:_MOST_POINTS]]
    goal = shown_touches(shown, pose, acting, kept)
    solid = torch.tensor(kept, dtype=acting.dtype, device=acting.device)
    slack = cKDTree(kept).query(goal.places)[0]
    low, high = acting.joint_limits.T
    translation, rotation, joints = _starts(acting, goal, pose, starts, rng)
    share = ((joints - low) / (high - low)).clamp(0.05, 0.95)
    free = [each.requires_grad_() for each in (translation, rotation_to_6d(rotation), torch.logit(share))]
    optimiser = torch.optim.Adam(
        [{"params": [each], "lr": rate} for each, rate in zip(free, (0.1 * _RATE, _RATE, 3 * _RATE), strict=True)]
    )
    tensors = [torch.tensor(each, dtype=acting.dtype, device=acting.device) for each in (*vars(goal).values(), slack)]
    back = torch.tensor(pose.rotation[:, 1], dtype=acting.dtype, device=acting.device)

    def decoded() -> tuple[Tensor, Tensor, Tensor]:
        return free[0], rotation_from_6d(free[1]), low + (high - low) * torch.sigmoid(free[2])

    for step in range(_STEPS):
        for group, rate in zip(optimiser.param_groups, (0.1 * _RATE, _RATE, 3 * _RATE), strict=True):
            group["lr"] = rate * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * step / _STEPS)))
        optimiser.zero_grad()
        _energy(acting, decoded(), tensors, solid, back).sum().backward()
        optimiser.step()
    with torch.no_grad():
        found = decoded()
        order = torch.argsort(_energy(acting, found, tensors, solid, back)).tolist()
        rows = [each.cpu().numpy().astype(np.float64) for each in found]
    turns = Rotation.from_matrix(rows[1]).as_matrix()
    return tuple(acting.reachable(HandPose(rows[0][one], turns[one], rows[2][one])) for one in order)


def _energy(hand: Hand, free: tuple[Tensor, Tensor, Tensor], goal: list[Tensor], solid: Tensor, back: Tensor) -> Tensor:
    """(B,) of hands; see `retargeted`."""
    places, normals, weights, slack = goal
    links = hand.world_from_links(*free)
    pads, facing = _pads(hand, links)
    away = 100 * (pads - places)
    gap = 100 * (torch.cdist(pads, solid.expand(len(pads), -1, -1)).amin(dim=2) - slack)
    turned = 1 - (facing * normals).sum(dim=2)
    each = _PLACE * away.square().sum(dim=2) + _NORMAL * turned + _GAP * gap.square()
    depth = (-hand.distance(links, solid)).clamp(min=0)
    under = (0.002 - hand.surface(links)[..., 2]).clamp(min=0)
    inside = depth.amax(dim=1) + depth.mean(dim=1) + under.amax(dim=1)
    palm = 1 - (free[1][:, :, 1] * back).sum(dim=1)
    return (each * weights).sum(dim=1) + _PALM * palm + _DEPTH * inside + _SELF * hand.self_penetration(links)


def _pads(hand: Hand, links: Tensor) -> tuple[Tensor, Tensor]:
    """Pads (B, F, 3) [m] and their outward normals (B, F, 3)."""
    tips = links[:, [hand.links.index(hand.spec.link(finger.tip)) for finger in hand.spec.fingers]]
    place = tips.new_tensor([finger.touch_m for finger in hand.spec.fingers])
    normal = normalize(tips.new_tensor([finger.normal for finger in hand.spec.fingers]), dim=1)
    turned = tips[..., :3, :3]
    return (turned @ place[..., None])[..., 0] + tips[..., :3, 3], (turned @ normal[..., None])[..., 0]


def _starts(
    hand: Hand, goal: Touches, pose: HandPose, count: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Hands about to grasp whose thumb and fingers stand as the shown ones do, turned about the line between them."""
    ready = hand.spec.posture(hand.spec.ready, hand.limits_rad)
    with torch.no_grad():
        links = hand.world_from_links(*hand.pose_tensors(HandPose(np.zeros(3), np.eye(3), ready)))
        own = _pads(hand, links)[0][0].cpu().numpy().astype(np.float64)
    line = _line(goal.places, goal.weights)
    upright, _ = Rotation.align_vectors(
        np.stack([line, pose.rotation[:, 1]]), np.stack([_line(own, goal.weights), (0.0, 1.0, 0.0)]), weights=[1, 0.3]
    )
    angles = np.linspace(-1.2, 1.2, count) + rng.normal(scale=0.1, size=count)
    wobble = Rotation.from_rotvec(rng.normal(scale=0.15, size=(count, 3)))
    turns = (wobble * Rotation.from_rotvec(line * angles[:, None]) * upright).as_matrix()
    middles = [
        0.5 * (each[-1] + np.average(each[:-1], axis=0, weights=goal.weights[:-1])) for each in (goal.places, own)
    ]
    values = (middles[0] - turns @ middles[1], turns, np.tile(ready, (count, 1)))
    return tuple(torch.tensor(each, dtype=hand.dtype, device=hand.device) for each in values)  # type: ignore[return-value]


def _line(places: Float, weights: Float) -> Float:
    """Unit vector from the thumb to the other fingers' middle."""
    towards = np.average(places[:-1], axis=0, weights=weights[:-1]) - places[-1]
    return np.asarray(towards / max(float(np.linalg.norm(towards)), 1e-9))
