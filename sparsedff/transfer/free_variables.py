"""The free variables of a batch of hands, and Adam on them: translation, 6D rotation, joints behind a sigmoid."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.rotation6d import rotation_from_6d, rotation_to_6d
from sparsedff.transfer.adam import Adam
from sparsedff.transfer.settings import AlignmentSettings


def decay(settings: AlignmentSettings, step: int) -> float:
    """Factor on the learning rates before a step, 0 <= step < opt_iterations: a cosine from 1 to the final ratio."""
    ratio = settings.final_learning_rate / settings.learning_rate
    share = step / max(1, settings.opt_iterations - 1)
    return ratio + (1 - ratio) * 0.5 * (1 + math.cos(math.pi * share))


class FreeVariables:
    """Raw values of B hands with their optimiser.

    Args:
        starts: B poses.
        hand: gives limits, device and precision.
        settings: the learning rates.
        aligned: indices of the starts that rigid alignments put there: they move at `aligned_caution` of the rates.
    """

    def __init__(
        self, starts: Sequence[HandPose], hand: Hand, settings: AlignmentSettings, aligned: Sequence[int] = ()
    ) -> None:
        self._settings, self._limits = settings, hand.joint_limits
        translation, rotation, joints = (
            torch.cat(parts) for parts in zip(*(hand.pose_tensors(pose) for pose in starts), strict=True)
        )
        low, high = self._limits[:, 0], self._limits[:, 1]
        # A joint on its stop has an infinite raw value and no gradient: begin 2 % inside.
        share = ((joints - low) / (high - low)).clamp(0.02, 0.98)
        raw = (translation.clone(), rotation_to_6d(rotation), torch.logit(share))
        shares = None
        if aligned:
            shares = torch.ones_like(translation[:, :1])
            shares[list(aligned)] = settings.aligned_caution
        self._adam = Adam([value.requires_grad_() for value in raw], shares)
        self._rates = (settings.learning_rate, settings.learning_rate, settings.joint_learning_rate)

    @property
    def device(self) -> torch.device:
        """Where the values lie."""
        return self._adam.values[0].device

    def decoded(self) -> tuple[Tensor, Tensor, Tensor]:
        """translation (B, 3) [m], rotation (B, 3, 3), joints (B, J) [rad]; differentiable in the raw values."""
        translation, columns, raw = self._adam.values
        low, high = self._limits[:, 0], self._limits[:, 1]
        return translation, rotation_from_6d(columns), low + (high - low) * torch.sigmoid(raw)

    def clear(self) -> None:
        """Forget the gradients."""
        self._adam.clear()

    def advance(self, step: int) -> None:
        """Adam's step of that number along the gradients, at that step's learning rates."""
        share = decay(self._settings, step)
        self._adam.step([rate * share for rate in self._rates])

    def keep(self, order: Tensor) -> None:
        """Shrink the batch to the hands in `order` (K,), with Adam's moments."""
        self._adam.keep(order)
