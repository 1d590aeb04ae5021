"""The feature field: inverse-distance interpolation of a feature cloud, with its analytic gradient. The hot kernel.

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

SOFTENING = 1e-14
"""s [m^2]: keeps weight and gradient finite on a cloud point, where the float32 gradient of the published weight
1 / (d + 1e-10)^2 is NaN. At 10 micrometres from a point it changes its weight by 1e-4, further away by less."""

CPU_SLICE = 768 * 1024
"""Elements of one (queries x points) slice on the CPU: 3 MB in float32, about one core's cache share."""
DEVICE_SLICE = 64 * 1024 * 1024
"""The same on accelerators, where large launches pay."""


@dataclass(frozen=True)
class FeatureField:
    """A feature cloud that can be asked anywhere in space.

    Attributes:
        points: (N, 3) [m].
        coefficients: (N, R), the features themselves where basis is None.
        basis: (R, C) or None.
        power: exponent of the inverse distance; 2 as published, 4 is more local.
        truncation: upper bound on the mean absolute error per channel that factoring brings to any field value.
    """

    points: Tensor
    coefficients: Tensor
    basis: Tensor | None = None
    power: float = 2.0
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


def build_field(points: Tensor, features: Tensor, power: float = 2.0, rank: int | None = None) -> FeatureField:
    """Make a field of points (N, 3) [m] and features (N, C).

    Args:
        points, features: the cloud, on the device and in the precision the field shall work in.
        power: exponent of the inverse distance.
        rank: keep this many singular directions of the features (None, or at least C: exact). The kernel's cost falls
            from C to `rank` per point and query, the energy is still taken over all C channels. Because every field
            value is a convex combination of rows of F, no value moves by more than the largest row of the residual:
            that bound is the field's `truncation`.
    """
    if rank is None or rank >= min(features.shape):
        return FeatureField(points.contiguous(), features.contiguous(), power=power)
    u, s, vt = torch.linalg.svd(features, full_matrices=False)
    coefficients, basis = u[:, :rank] * s[:rank], vt[:rank]
    truncation = float((features - coefficients @ basis).abs().mean(dim=1).max())
    return FeatureField(points.contiguous(), coefficients.contiguous(), basis.contiguous(), power, truncation)


class _Sweep:
    """Walks over the queries in slices, reusing its buffers; holds what one slice's gradient needs."""

    def __init__(self, field: FeatureField, queries: int) -> None:
        n = field.points.shape[0]
        budget = CPU_SLICE if field.points.device.type == "cpu" else DEVICE_SLICE
        self.rows = max(1, min(queries, budget // max(n, 1)))
        self.field = field
        self.columns = field.points.T.contiguous()
        ones = torch.ones_like(field.coefficients[:, :1])
        self.augmented = torch.cat([field.coefficients, ones], dim=1)  # the last column sums the weights
        self.augmented_t = self.augmented.T.contiguous()
        self._r, self._w, self._c = (field.points.new_empty(self.rows, n) for _ in range(3))

    def mean_coefficients(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """a (q, R) and W (q, 1) for the slice x (q, 3), leaving r and w in the buffers."""
        r, w, other = self._r[: len(x)], self._w[: len(x)], self._c[: len(x)]
        torch.sub(x[:, 0:1], self.columns[0], out=r)
        r.mul_(r)
        for axis in (1, 2):
            torch.sub(x[:, axis : axis + 1], self.columns[axis], out=other)
            r.addcmul_(other, other)
        r.add_(SOFTENING).reciprocal_()
        if self.field.power == 2:
            w = r
        elif self.field.power == 4:
            torch.mul(r, r, out=w)
        else:  # relative to the nearest point's, which cancels in every quotient: high powers overflow float32
            torch.div(r, r.amax(dim=1, keepdim=True), out=w).pow_(self.field.power / 2)
        sums = w @ self.augmented
        self._weights = w
        return sums[:, :-1] / sums[:, -1:], sums[:, -1:]

    def gradient(self, x: Tensor, pulled: Tensor, a: Tensor, total: Tensor) -> Tensor:
        """d loss / d x (q, 3) for the slice whose a and W were just computed; pulled (q, R) is u."""
        c, scratch = self._c[: len(x)], self._r[: len(x)]
        pulled = pulled / total  # before it meets w r, which on a cloud point is 1e42 for power 4
        torch.mm(torch.cat([pulled, -(pulled * a).sum(1, keepdim=True)], dim=1), self.augmented_t, out=c)
        c.mul_(self._weights).mul_(scratch)  # u.(A_i - a) w_i r_i; r is not needed any more after this line
        gradient = torch.empty_like(x)
        for axis in range(3):  # explicit differences: x sum(c) - sum(c p) would cancel near the surface
            torch.sub(x[:, axis : axis + 1], self.columns[axis], out=scratch)
            gradient[:, axis] = scratch.mul_(c).sum(dim=1)
        return gradient.mul_(-self.field.power)

    def expand(self, a: Tensor) -> Tensor:
        """Field values (q, C) of mean coefficients (q, R)."""
        return a if self.field.basis is None else a @ self.field.basis

    def pull_back(self, g: Tensor) -> Tensor:
        """u (q, R) of g (q, C)."""
        return g if self.field.basis is None else g @ self.field.basis.T


class _Interpolate(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, queries: Tensor, field: FeatureField) -> Tensor:
        ctx.save_for_backward(queries)
        ctx.field = field
        sweep = _Sweep(field, len(queries))
        values = queries.new_empty(len(queries), field.channels)
        for start in range(0, len(queries), sweep.rows):
            part = slice(start, start + sweep.rows)
            values[part] = sweep.expand(sweep.mean_coefficients(queries[part])[0])
        return values

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad_values: Tensor) -> tuple[Tensor, None]:
        (queries,) = ctx.saved_tensors
        sweep = _Sweep(ctx.field, len(queries))
        gradient = torch.empty_like(queries)
        for start in range(0, len(queries), sweep.rows):
            part = slice(start, start + sweep.rows)
            a, total = sweep.mean_coefficients(queries[part])
            gradient[part] = sweep.gradient(queries[part], sweep.pull_back(grad_values[part]), a, total)
        return gradient, None


class _L1(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, queries: Tensor, targets: Tensor, field: FeatureField) -> Tensor:
        batch, per_pose = queries.shape[:2]
        flat = queries.reshape(-1, 3)
        sweep = _Sweep(field, len(flat))
        row = torch.arange(len(flat), device=flat.device) % per_pose
        losses, gradient = flat.new_empty(len(flat)), torch.empty_like(flat)
        for start in range(0, len(flat), sweep.rows):
            part = slice(start, start + sweep.rows)
            a, total = sweep.mean_coefficients(flat[part])
            residual = sweep.expand(a) - targets[row[part]]
            losses[part] = residual.abs().mean(dim=1)
            if ctx.needs_input_grad[0]:
                pulled = sweep.pull_back(residual.sign_()).div_(field.channels)
                gradient[part] = sweep.gradient(flat[part], pulled, a, total)
        ctx.save_for_backward(gradient.reshape(queries.shape))
        return losses.reshape(batch, per_pose)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad_losses: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grad_losses[..., None], None, None
