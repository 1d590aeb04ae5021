"""The feature field: inverse-distance interpolation of a feature cloud, with its analytic gradient.

Symbols, used throughout the file (docs/method.md, section 7):

    x_q  (Q, 3)  query points [m]                 p_i  (N, 3)  cloud points [m]
    F    (N, C)  features, F = A B                A    (N, R)  coefficients,  B (R, C) basis (absent when R = C)
    r    (Q, N)  1 / (|x_q - p_i|^2 + s)          w    (Q, N)  r^(power / 2), the weights; power 2 as published
    W    (Q,)    sum_i w_i                        f    (Q, C)  sum_i w_i F_i / W, the field

Gradient, for any loss with g_q = d loss / d f_q: with u_q = g_q B^T, its pull-back to A-space, and
a_q = sum_i w_i A_i / W,

    d loss / d x_q = -power / W * sum_i w_i r_i (u_q . (A_i - a_q)) (x_q - p_i)

Nothing of size (Q x N x 3) exists at any time, and (Q x N) only in slices that stay in the processor's cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sparsedff.sweep import Cloud, Sweep, sweep_all


@dataclass(frozen=True, eq=False)
class FeatureField(Cloud):
    """A feature cloud that can be asked anywhere in space.

    Attributes:
        truncation: upper bound on the mean absolute error per channel that factoring brings to any field value.
    """

    truncation: float = 0.0

    @property
    def channels(self) -> int:
        """C."""
        return int((self.coefficients if self.basis is None else self.basis).shape[1])

    def values(self, queries: Tensor) -> Tensor:
        """Field values (..., C) at queries (..., 3) [m]; differentiable once, with the analytic gradient."""
        flat = queries.reshape(-1, 3)
        result: Tensor = _Interpolate.apply(flat, self)
        return result.reshape(*queries.shape[:-1], self.channels)

    def l1(self, queries: Tensor, targets: Tensor) -> Tensor:
        """Mean L1 difference (B,) of the field at queries (B, Q, 3) [m] from targets (Q, C), docs/method.md eq. 15."""
        return self.l1_each(queries, targets).mean(dim=1)

    def l1_each(self, queries: Tensor, targets: Tensor) -> Tensor:
        """The same for every query by itself (B, Q), the mean over channels only.

        Value and gradient come from one sweep over the cloud; no graph is kept between them.
        """
        result: Tensor = _L1.apply(queries, targets, self)
        return result


def build_field(
    points: Tensor, features: Tensor, power: float = 2.0, rank: int | None = None, workers: int = 1
) -> FeatureField:
    """Make a field of points (N, 3) [m] and features (N, C).

    Args:
        points, features: the cloud, on the device and in the precision the field shall work in.
        power: exponent of the inverse distance.
        rank: keep this many singular directions of the features (None, or at least C: exact). The kernel's cost falls
            from C to `rank` per point and query, the energy is still taken over all C channels. Because every field
            value is a convex combination of rows of F, no value moves by more than the largest row of the residual:
            that bound is the field's `truncation`.
        workers: threads that share the queries.
    """
    if rank is None or rank >= min(features.shape):
        return FeatureField(points.contiguous(), features.contiguous(), power=power, workers=workers)
    u, s, vt = torch.linalg.svd(features, full_matrices=False)
    coefficients, basis = u[:, :rank] * s[:rank], vt[:rank]
    truncation = float((features - coefficients @ basis).abs().mean(dim=1).max())
    return FeatureField(points.contiguous(), coefficients.contiguous(), basis.contiguous(), power, workers, truncation)


class _Interpolate(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, queries: Tensor, field: FeatureField) -> Tensor:
        ctx.save_for_backward(queries)
        ctx.field = field
        values = queries.new_empty(len(queries), field.channels)

        def work(sweep: Sweep, part: slice) -> None:
            values[part] = sweep.expand(sweep.mean_coefficients(queries[part])[0])

        sweep_all(field, len(queries), work)
        return values

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad_values: Tensor) -> tuple[Tensor, None]:
        (queries,) = ctx.saved_tensors
        gradient = torch.empty_like(queries)

        def work(sweep: Sweep, part: slice) -> None:
            a, total = sweep.mean_coefficients(queries[part])
            gradient[part] = sweep.gradient(queries[part], sweep.pull_back(grad_values[part]), a, total)

        sweep_all(ctx.field, len(queries), work)
        return gradient, None


class _L1(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, queries: Tensor, targets: Tensor, field: FeatureField) -> Tensor:
        batch, per_pose = queries.shape[:2]
        flat, wanted = queries.reshape(-1, 3), ctx.needs_input_grad[0]
        row = torch.arange(len(flat), device=flat.device) % per_pose
        losses, gradient = flat.new_empty(len(flat)), torch.empty_like(flat)

        def work(sweep: Sweep, part: slice) -> None:
            a, total = sweep.mean_coefficients(flat[part])
            residual = sweep.expand(a) - targets[row[part]]
            losses[part] = residual.abs().mean(dim=1)
            if wanted:
                pulled = sweep.pull_back(residual.sign_()).div_(field.channels)
                gradient[part] = sweep.gradient(flat[part], pulled, a, total)

        sweep_all(field, len(flat), work)
        ctx.save_for_backward(gradient.reshape(queries.shape))
        return losses.reshape(batch, per_pose)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad_losses: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grad_losses[..., None], None, None
