"""A last stage, off by default: fingers that touched in the demonstration close onto the observed surface.

Symbols, per fingertip f that touched:  s_f  its distance from the reference object's points in the demonstration [m],
g_f  its distance from the test object's points [m]; both signed, by the hand's collision geometry, negative inside.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.hands.approach import densified, plan_approach
from sparsedff.hands.base import Hand
from sparsedff.hands.closing import inward, pad_steps, pads
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import ApproachSettings
from sparsedff.transfer.result import TransferResult

Float = NDArray[np.float64]

_TOUCHED_M = 0.008  # a fingertip this near to the reference object touched it
_FARTHEST_M = 0.03  # a pad closes by so much at most
_STEP_M, _STEPS = 0.002, 20
_JOINT_STEPS, _RATE = 80, 0.01
_CONTACT, _POSTURE, _DEPTH = 1e4, 0.2, 50.0  # weights per m^2, per rad^2 (or share of a slide), per m


def close_fingers(
    hand: Hand, demonstration: HandPose, reference: NDArray[np.floating], pose: HandPose, test: NDArray[np.floating]
) -> HandPose:
    """The pose with the fingers that touched at the distances that were demonstrated, the palm where it was.

    First each finger closes, or opens, along its own flexion by g_f - s_f. Then all joints move together:

        1e4 sum_f (g_f - s_f)^2 + 0.2 |q - q_0|^2 + 50 (depth in the object + depth in itself)

    Args:
        hand: the end effector.
        demonstration: on the reference object.
        reference: (N, 3) [m] points of the reference object.
        pose: found on the test object.
        test: (M, 3) [m] points of the test object.
    """
    shown = _gaps(hand, demonstration, _tensor(hand, reference)).cpu().numpy().astype(np.float64)
    touched = shown < _TOUCHED_M
    if not touched.any():
        return pose
    solid = _tensor(hand, test)
    closed = _along_flexion(hand, pose, solid, shown, touched)
    return _together(hand, closed, solid, shown, touched)


def with_closed_fingers(
    hand: Hand, found: TransferResult, reference: NDArray, test: NDArray, approach: ApproachSettings
) -> TransferResult:
    """A transfer's result with its fingers closed, and the way to it planned again; terms and energy are those before.

    The result itself where `approach.close_fingers` is off.

    Args:
        hand, reference: as of `close_fingers`.
        found: the result.
        test: (M, 3) [m] points of the test object.
        approach: of the way.
    """
    if not approach.close_fingers:
        return found
    pose = close_fingers(hand, found.demonstration, reference, found.pose, test)
    way = plan_approach(hand, pose, np.asarray(test, dtype=np.float64), approach)
    return replace(found, pose=pose, trajectory=densified(way))


def _along_flexion(hand: Hand, pose: HandPose, solid: Tensor, shown: Float, touched: NDArray[np.bool_]) -> HandPose:
    directions, travelled = inward(pads(hand, pose)[0]), np.zeros(len(shown))
    for _ in range(_STEPS):
        wanted = _gaps(hand, pose, solid).cpu().numpy().astype(np.float64) - shown
        step = np.clip(wanted, -_STEP_M, _STEP_M) * touched
        step = np.clip(travelled + step, -_FARTHEST_M, _FARTHEST_M) - travelled
        if np.abs(step).max() < 1e-4:
            break
        travelled += step
        joints = pose.joints + step @ pad_steps(pads(hand, pose)[1], directions)
        pose = hand.reachable(HandPose(pose.translation, pose.rotation, joints))
    return pose


def _together(hand: Hand, pose: HandPose, solid: Tensor, shown: Float, touched: NDArray[np.bool_]) -> HandPose:
    translation, rotation, start = hand.pose_tensors(pose)
    low, high = hand.joint_limits.T
    joints, wanted = start.clone().requires_grad_(), _tensor(hand, shown)
    mine = torch.tensor(touched, device=hand.device)
    optimiser = torch.optim.Adam([joints], lr=_RATE)
    best, least = start, float("inf")
    for _ in range(_JOINT_STEPS):
        optimiser.zero_grad()
        links = hand.world_from_links(translation, rotation, joints)
        each = hand.distances(links, solid)[0].amin(dim=1)
        off = (_tips(hand, each) - wanted)[mine].square().sum()
        depth = (-each.min()).clamp(min=0) + hand.self_penetration(links)[0]
        cost = _CONTACT * off + _POSTURE * (joints - start).square().sum() + _DEPTH * depth
        if float(cost.detach()) < least:
            best, least = joints.detach().clone(), float(cost.detach())
        cost.backward()
        optimiser.step()
        with torch.no_grad():
            joints.clamp_(low, high)
    found = best[0].cpu().numpy().astype(np.float64)
    return hand.reachable(HandPose(pose.translation, pose.rotation, found))


def _gaps(hand: Hand, pose: HandPose, points: Tensor) -> Tensor:
    """Signed distance (F,) [m] of the fingertips from the nearest of points (M, 3)."""
    with torch.no_grad():
        links = hand.world_from_links(*hand.pose_tensors(pose))
        return _tips(hand, hand.distances(links, points)[0].amin(dim=1))


def _tips(hand: Hand, each: Tensor) -> Tensor:
    """Of distances (P,) by primitive those of the F fingertips."""
    owners = [
        [i for i, link in enumerate(hand.primitive_links) if link == hand.spec.link(tip)] for tip in hand.spec.tips
    ]
    return torch.stack([each[owner].amin() for owner in owners])


def _tensor(hand: Hand, values: NDArray) -> Tensor:
    return torch.tensor(np.asarray(values), dtype=hand.dtype, device=hand.device)
