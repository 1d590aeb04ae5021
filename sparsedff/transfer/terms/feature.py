"""The method's own term: features under the hand against those under the demonstrated hand (docs/method.md)."""

from __future__ import annotations

import torch
from torch import Tensor

from sparsedff.field import FeatureField
from sparsedff.transfer.terms.base import Goal, PosedHands


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


def cost(hands: PosedHands, goal: Goal) -> Tensor:
    """The term (B,)."""
    return feature_term(goal.field, hands.queries, goal.targets, goal.emphasis if hands.focused else None)
