"""Energy terms: each a small pure function of the posed hand, (B,) out; weights come from outside (DESIGN item 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from sparsedff.field import FeatureField
from sparsedff.hands.shadow.hand import ShadowHand

TERMS = ("feature", "penetration", "self_penetration", "joint_limits", "approach", "posture")


def feature_term(field: FeatureField, surface: Tensor, targets: Tensor, emphasis: Tensor | None = None) -> Tensor:
    """Mean |f_test(x_j) - f_ref(x_j)| (B,) over hand points (B, N, 3) [m] and channels; targets (N, C).

    With `emphasis` (N,), of mean one, the mean over hand points is weighted by it.
    """
    each = field.l1_each(surface, targets)
    return each.mean(dim=1) if emphasis is None else (each * emphasis).mean(dim=1)


def contact_emphasis(distance: Tensor, reach_m: float, floor: float = 0.1) -> Tensor:
    """Weights (N,) of mean one for hand points at `distance` (N,) [m] from the reference object.

    Points that touch count fully, those much further off than `reach_m` only by `floor`. Not in the paper: far points
    see the whole object and lead the hand to it from afar; near points say where exactly it touches.
    """
    weights = floor + (1 - floor) * torch.exp(-(distance / reach_m).square())
    return weights / weights.mean()


def penetration_term(object_distances: Tensor, surface: Tensor) -> Tensor:
    """How far the hand reaches into object and table (B,) [m].

    The deepest object point inside the hand, plus the mean depth of all that are inside (which tells the optimiser in
    which direction most of the object lies), plus the deepest hand point under the table plane z = 0.

    Args:
        object_distances: (B, M) [m] signed distance of the object's points to the hand.
        surface: (B, N, 3) [m] hand points.
    """
    inside = (-object_distances).clamp(min=0)
    under_table = (-surface[..., 2]).clamp(min=0).amax(dim=1)
    return inside.amax(dim=1) + inside.mean(dim=1) + under_table


def joint_limit_term(joints: Tensor, limits: Tensor, margin: float = 0.05) -> Tensor:
    """Mean squared intrusion (B,) of joints (B, 22) [rad] into the outer `margin` share of their range (22, 2) [rad].

    The sigmoid keeps joints inside their limits; this keeps them off the stops, where its gradient vanishes.
    """
    position = (joints - limits[:, 0]) / (limits[:, 1] - limits[:, 0])
    intrusion = (margin - position).clamp(min=0) + (position - 1 + margin).clamp(min=0)
    return (intrusion / margin).square().mean(dim=1)


def tilt(rotation: Tensor) -> Tensor:
    """Roll and pitch (B, 2) [rad] of the palm away from palm-down; rotation (B, 3, 3) is world_from_palm.

    Palm-down means that the palm's +y axis (the back of the hand) points up; yaw is free. Roll turns about the fingers
    (+z), pitch about the palm's width (+x).
    """
    up = rotation[:, 2, :]  # world up, seen from the palm
    roll = torch.atan2(up[:, 0], up[:, 1])
    pitch = torch.atan2(up[:, 2], up[:, :2].square().sum(1).clamp(min=1e-12).sqrt())
    return torch.stack([roll, pitch], dim=1)


def approach_term(rotation: Tensor, free_angles: Tensor | float) -> Tensor:
    """Roll and pitch of the palm beyond their free angles, a number or (2,) [rad], summed (B,) [rad]."""
    return (tilt(rotation).abs() - free_angles).clamp(min=0).sum(dim=1)


def posture_term(joints: Tensor, demonstrated: Tensor, limits: Tensor) -> Tensor:
    """Mean squared change (B,) of joints (B, 22) from the demonstrated (22,) [rad], as shares of their range (22, 2).

    Not in the paper. Off the surface the field changes little with distance, so fingers may open by a centimetre for
    nothing; this keeps the demonstrated hand unless the features ask for another.
    """
    return ((joints - demonstrated) / (limits[:, 1] - limits[:, 0])).square().mean(dim=1)


@dataclass(frozen=True, eq=False)
class Energy:
    """The weighted sum of all terms for a test scene and a demonstration.

    Attributes:
        hand: the end effector.
        field: the test scene's feature field.
        targets: (N, C) the reference field's values at the demonstrated hand's surface points.
        emphasis: (N,) weights of the hand points in the feature term once the optimiser focuses (`contact_emphasis`).
        posture: (22,) [rad] the demonstrated joints.
        object_points: (M, 3) [m] points of the test object, for penetration.
        weights: of TERMS by name.
        free_angles: (2,) [rad] roll and pitch that cost nothing in the approach term.
    """

    hand: ShadowHand
    field: FeatureField
    targets: Tensor
    emphasis: Tensor
    posture: Tensor
    object_points: Tensor
    weights: Mapping[str, float]
    free_angles: Tensor

    def terms(
        self,
        translation: Tensor,
        rotation: Tensor,
        joints: Tensor,
        jitter: Tensor | None = None,
        focused: bool = True,
    ) -> dict[str, Tensor]:
        """Unweighted terms by name, each (B,).

        Args:
            translation: (B, 3) [m], rotation: (B, 3, 3), joints: (B, 22) [rad] of the palm and the fingers.
            jitter: (B, N, 3) [m] added to the surface points of the feature term.
            focused: whether points near the contacts count more.
        """
        links = self.hand.world_from_links(translation, rotation, joints)
        surface = self.hand.surface(links)
        asked = surface if jitter is None else surface + jitter
        emphasis = self.emphasis if focused else None
        result = {"feature": feature_term(self.field, asked, self.targets, emphasis)}
        if self.weights["penetration"]:
            result["penetration"] = penetration_term(self.hand.distance(links, self.object_points), surface)
        if self.weights["self_penetration"]:
            result["self_penetration"] = self.hand.self_penetration(links)
        result["joint_limits"] = joint_limit_term(joints, self.hand.joint_limits)
        result["approach"] = approach_term(rotation, self.free_angles)
        result["posture"] = posture_term(joints, self.posture, self.hand.joint_limits)
        return result

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """(B,) weighted sum."""
        parts = [self.weights[name] * value for name, value in terms.items()]
        return torch.stack(parts).sum(dim=0)
