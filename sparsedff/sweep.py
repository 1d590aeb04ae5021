"""The hot kernel of the feature field: one sweep over the cloud for a slice of the queries. Symbols as in field.py."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor

SOFTENING = 1e-14
"""s [m^2]: keeps weight and gradient finite on a cloud point, where the float32 gradient of the published weight
1 / (d + 1e-10)^2 is NaN. At 10 micrometres from a point it changes its weight by 1e-4, further away by less."""

CPU_SLICE = 768 * 1024
"""Elements of one (queries x points) slice on the CPU: 3 MB in float32, about one core's cache share."""
DEVICE_SLICE = 64 * 1024 * 1024
"""The same on accelerators, where large launches pay."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """What is swept.

    Attributes:
        points: (N, 3) [m].
        coefficients: (N, R), the features themselves where basis is None.
        basis: (R, C) or None.
        power: exponent of the inverse distance; 2 as published, 4 is more local.
        workers: threads that share the queries; they change no bit of any result.
    """

    points: Tensor
    coefficients: Tensor
    basis: Tensor | None = None
    power: float = 2.0
    workers: int = 1


class Sweep:
    """Walks over the queries in slices, reusing its buffers; holds what one slice's gradient needs."""

    def __init__(self, field: Cloud, queries: int) -> None:
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


def sweep_all(field: Cloud, queries: int, work: Callable[[Sweep, slice], None]) -> None:
    """Do the work of every slice of the queries, on as many threads as the field has workers.

    Slices are the same for any number of workers, and so are the results, to the bit.
    """
    first = Sweep(field, queries)
    parts = [slice(start, start + first.rows) for start in range(0, queries, first.rows)]
    workers = max(1, min(field.workers, len(parts)))

    @torch.no_grad()  # a thread of its own does not know that it is inside a function with its own gradient
    def share(worker: int) -> None:
        sweep = first if worker == 0 else Sweep(field, queries)
        for part in parts[worker::workers]:
            work(sweep, part)

    if workers == 1:
        share(0)
        return
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(share, range(workers)))
