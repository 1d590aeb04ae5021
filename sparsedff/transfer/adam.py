"""Adam for a few small tensors of which each row is a hand: rows can be dropped in the middle of an optimisation."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_BETAS, _EPSILON = (0.9, 0.999), 1e-8


class Adam:
    """Kingma and Ba's method (2015, ICLR), with the defaults and to the bit the arithmetic of `torch.optim.Adam`.

    That one loads torch's compiler with its first step, which takes longer than half of a transfer's optimisation.

    Args:
        values: leaf tensors (B, ...) that require gradients.
    """

    def __init__(self, values: Sequence[Tensor]) -> None:
        self.values = list(values)
        self._mean = [torch.zeros_like(value, requires_grad=False) for value in values]
        self._square = [torch.zeros_like(value, requires_grad=False) for value in values]
        self._steps = 0

    def clear(self) -> None:
        """Forget the gradients."""
        for value in self.values:
            value.grad = None

    @torch.no_grad()
    def step(self, rates: Sequence[float]) -> None:
        """Move along the gradients, each tensor at its own learning rate; one without a gradient stays."""
        self._steps += 1
        first, second = (1 - beta**self._steps for beta in _BETAS)
        for value, mean, square, rate in zip(self.values, self._mean, self._square, rates, strict=True):
            if value.grad is None:
                continue
            mean.lerp_(value.grad, 1 - _BETAS[0])
            square.mul_(_BETAS[1]).addcmul_(value.grad, value.grad, value=1 - _BETAS[1])
            spread = (square.sqrt() / second**0.5).add_(_EPSILON)
            value.addcdiv_(mean, spread, value=-(rate / first))

    def keep(self, order: Tensor) -> None:
        """Shrink all tensors to the rows in `order` (K,), with their moments."""
        index = order.to(self.values[0].device)
        self.values = [value.detach()[index].clone().requires_grad_() for value in self.values]
        self._mean = [mean[index] for mean in self._mean]
        self._square = [square[index] for square in self._square]
