"""Minimise the energy from many starts at once, dropping the hopeless ones early (docs/method.md, section 10)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.errors import TransferError
from sparsedff.hands.pose import HandPose
from sparsedff.hands.rotation6d import rotation_from_6d, rotation_to_6d
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.history import History, Recorder


@dataclass(frozen=True)
class Schedule:
    """How the optimiser walks.

    Attributes:
        iterations: steps of the starts that survive.
        learning_rate: Adam's, for translation [m] and the 6D rotation; falls by a cosine to `final_learning_rate`.
        joint_learning_rate: Adam's for the raw joint values; falls in the same proportion.
        jitter_m: standard deviation of the noise on surface points in the first step; halves each step.
        focus_at: from this step on hand points near the contacts count more, and a pose can be the best.
        drop_at, keep_starts: before step drop_at[i] only the keep_starts[i] lowest energies are kept.
    """

    iterations: int = 300
    learning_rate: float = 1e-2
    joint_learning_rate: float = 5e-2
    final_learning_rate: float = 1e-4
    jitter_m: float = 1e-3
    drop_at: tuple[int, ...] = (20, 120)
    keep_starts: tuple[int, ...] = (8, 2)
    focus_at: int = 50

    def decay(self, step: int) -> float:
        """Factor on the learning rates before step 0 <= step < iterations: 1 at first, the final ratio at the end."""
        ratio = self.final_learning_rate / self.learning_rate
        return ratio + (1 - ratio) * 0.5 * (1 + math.cos(math.pi * step / max(1, self.iterations - 1)))


@dataclass(frozen=True)
class StartRecord:
    """One start: its first and last energy, and before which step it was dropped (None: it ran to the end)."""

    first_energy: float
    last_energy: float
    dropped_at: int | None


@dataclass(frozen=True)
class Optimised:
    """What the optimiser found.

    Attributes:
        path: the best start's poses, one a step, the best pose last.
        terms: the best pose's unweighted energy terms.
        energy: its weighted sum.
        starts: one record a start, in the order they were given.
        best_start: index of the winner among them.
        history: every start's way.
    """

    path: tuple[HandPose, ...]
    terms: dict[str, float]
    energy: float
    starts: tuple[StartRecord, ...]
    best_start: int
    history: History


class _Parameters:
    """The free variables of a batch of hands: translation, 6D rotation, raw joints behind a sigmoid."""

    def __init__(self, starts: Sequence[HandPose], energy: Energy) -> None:
        hand = energy.hand
        self.limits = hand.joint_limits
        tensors = [torch.cat(parts) for parts in zip(*(hand.pose_tensors(pose) for pose in starts), strict=True)]
        low, high = self.limits[:, 0], self.limits[:, 1]
        # A joint on its stop has an infinite raw value and no gradient: begin 2 % inside.
        share = ((tensors[2] - low) / (high - low)).clamp(0.02, 0.98)
        self.values = [tensors[0].clone(), rotation_to_6d(tensors[1]), torch.logit(share)]
        for value in self.values:
            value.requires_grad_()

    def decoded(self) -> tuple[Tensor, Tensor, Tensor]:
        """translation (B, 3), rotation (B, 3, 3), joints (B, 22)."""
        translation, columns, raw = self.values
        low, high = self.limits[:, 0], self.limits[:, 1]
        return translation, rotation_from_6d(columns), low + (high - low) * torch.sigmoid(raw)


def optimise(
    energy: Energy,
    starts: Sequence[HandPose],
    schedule: Schedule,
    generator: torch.Generator,
    progress: Callable[[int, float], None] = lambda step, lowest: None,
) -> Optimised:
    """Minimise the energy from all starts.

    Args:
        energy: what to minimise.
        starts: at least one pose.
        schedule: steps, rates and when to drop starts.
        generator: source of the jitter (on the CPU: the same numbers on every device).
        progress: told the step and the lowest energy after each step.

    Raises:
        TransferError: no start, or every energy became NaN or infinite.
    """
    if not starts:
        raise TransferError("optimisation needs at least one start; set alignment.starts to 1 or more")
    parameters = _Parameters(starts, energy)
    rates = (schedule.learning_rate, schedule.learning_rate, schedule.joint_learning_rate)
    adam = torch.optim.Adam([{"params": [p], "lr": r} for p, r in zip(parameters.values, rates, strict=True)])
    alive = torch.arange(len(starts), device=parameters.values[0].device)
    first: dict[int, float] = {}
    last = [math.inf] * len(starts)
    dropped: list[int | None] = [None] * len(starts)
    best_energy = math.inf
    best: tuple[int, int] = (0, 0)
    paths: list[dict[int, NDArray[np.float64]]] = []
    recorder = Recorder(len(starts), schedule.iterations)
    drops = dict(zip(schedule.drop_at, schedule.keep_starts, strict=True))

    for step in range(schedule.iterations):
        if step in drops and drops[step] < len(alive):
            order = torch.tensor([last[int(i)] for i in alive]).argsort()[: drops[step]].sort().values
            for gone in set(range(len(alive))) - set(order.tolist()):
                dropped[int(alive[gone])] = step
            alive = alive[order.to(alive.device)]
            _keep(adam, parameters, order)
        for group, rate in zip(adam.param_groups, rates, strict=True):
            group["lr"] = rate * schedule.decay(step)
        adam.zero_grad(set_to_none=True)
        translation, rotation, joints = parameters.decoded()
        noise = torch.randn((len(alive), len(energy.targets), 3), generator=generator) * (schedule.jitter_m * 0.5**step)
        focused = step >= min(schedule.focus_at, schedule.iterations - 1)
        terms = energy.terms(translation, rotation, joints, noise.to(translation), focused)
        total = energy.total(terms)
        total.sum().backward()
        rows = torch.cat([translation, rotation.flatten(1), joints], dim=1).detach().cpu().numpy().astype(np.float64)
        paths.append({int(start): row for start, row in zip(alive, rows, strict=True)})
        recorder.record(step, alive.cpu().numpy(), rows, _plain(terms | {"energy": total}))
        values = [value if math.isfinite(value) else math.inf for value in total.detach().cpu().tolist()]
        for start, value in zip(alive.tolist(), values, strict=True):
            first.setdefault(start, value)
            last[start] = value
            if focused and value < best_energy:
                best_energy, best = value, (start, step)
        adam.step()
        progress(step, min(values))
    if not math.isfinite(best_energy):
        raise TransferError(
            "every start's energy is NaN or infinite; check the captures' features and alignment.weights"
        )

    winner, best_step = best
    path = tuple(_pose(paths[step][winner]) for step in range(best_step + 1))
    with torch.no_grad():
        final = energy.terms(*energy.hand.pose_tensors(path[-1]))
        records = tuple(StartRecord(first[i], last[i], dropped[i]) for i in range(len(starts)))
        named = {name: float(value[0]) for name, value in final.items()}
        return Optimised(path, named, float(energy.total(final)[0]), records, winner, recorder.history())


def _plain(values: dict[str, Tensor]) -> dict[str, NDArray[np.floating]]:
    return {name: value.detach().cpu().numpy() for name, value in values.items()}


def _keep(adam: torch.optim.Adam, parameters: _Parameters, order: Tensor) -> None:
    """Shrink the batch to `order`, with Adam's moments."""
    for position, (group, old) in enumerate(zip(adam.param_groups, list(parameters.values), strict=True)):
        index = order.to(old.device)
        new = old.detach()[index].clone().requires_grad_()
        state = adam.state.pop(old, {})
        adam.state[new] = {k: v[index] if torch.is_tensor(v) and v.dim() == old.dim() else v for k, v in state.items()}
        group["params"] = [new]
        parameters.values[position] = new


def _pose(row: NDArray[np.float64]) -> HandPose:
    u, _, vt = np.linalg.svd(row[3:12].reshape(3, 3))  # float32 rotations are orthonormal to 1e-6 only
    return HandPose(row[:3], u @ vt, row[12:])
