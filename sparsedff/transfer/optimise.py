"""Minimise the energy from many starts at once, dropping the hopeless ones early (docs/method.md, section 10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.errors import TransferError
from sparsedff.hands.pose import HandPose
from sparsedff.transfer.candidates import Candidates, StartRecord
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.free_variables import FreeVariables
from sparsedff.transfer.history import History, Recorder
from sparsedff.transfer.settings import AlignmentSettings
from sparsedff.transfer.starts import Starts


@dataclass(frozen=True, eq=False)
class Optimised:
    """What the optimiser found.

    Attributes:
        path: the best start's poses, one a step, the best pose last.
        terms: the best pose's unweighted energy terms.
        energy: its weighted sum.
        starts: one record a start, in the order they were given.
        best_start: index of the winner among them.
        history: every start's poses and energies.
    """

    path: tuple[HandPose, ...]
    terms: dict[str, float]
    energy: float
    starts: tuple[StartRecord, ...]
    best_start: int
    history: History


def optimise(
    energy: Energy,
    starts: Starts,
    settings: AlignmentSettings,
    generator: torch.Generator,
    progress: Callable[[int, float], None] = lambda step, lowest: None,
) -> Optimised:
    """Minimise the energy from all starts.

    Args:
        energy: what to minimise.
        starts: at least one pose; see `Candidates` for what those that are aligned have ahead of the others.
        settings: steps, rates and when to drop starts.
        generator: source of the jitter (on the CPU: the same numbers on every device).
        progress: told the step and the lowest energy after each step.

    Raises:
        TransferError: no start, or every energy became NaN or infinite.
    """
    if not starts.poses:
        raise TransferError("optimisation needs at least one start; set alignment.starts to 1 or more")
    variables = FreeVariables(starts.poses, energy.goal.hand, settings, starts.aligned)
    candidates = Candidates(len(starts.poses), starts.aligned, settings.aligned_margin)
    recorder = Recorder(len(starts.poses), settings.opt_iterations)
    drops = dict(zip(settings.drop_at, settings.keep_starts, strict=True))
    points = len(energy.goal.targets)
    focus_at = settings.first_focused_step

    for step in range(settings.opt_iterations):
        staying = candidates.drop(drops[step], step) if step in drops else None
        if staying is not None:
            variables.keep(staying)
        variables.clear()
        translation, rotation, joints = variables.decoded()
        shape = (len(candidates.alive), points, 3)
        noise = torch.randn(shape, generator=generator) * (settings.jitter_m * 0.5**step)
        focused = focus_at is not None and step >= focus_at
        terms = energy.terms(translation, rotation, joints, noise.to(translation), focused)
        total = energy.total(terms)
        total.sum().backward()
        rows = _plain(torch.cat([translation, rotation.flatten(1), joints], dim=1)).astype(np.float64)
        values = {name: _plain(value) for name, value in (terms | {"energy": total}).items()}
        recorder.record(step, candidates.alive, rows, values)
        lowest = candidates.note(step, rows, values["energy"].tolist(), counts=focused or focus_at is None)
        variables.advance(step)
        progress(step, lowest)
    if not candidates.found:
        raise TransferError(
            "every start's energy is NaN or infinite; check the captures' features and alignment.weights"
        )

    path = candidates.path()
    with torch.no_grad():
        final = energy.terms(*energy.goal.hand.pose_tensors(path[-1]), focused=focus_at is not None)
        named = {name: float(value[0]) for name, value in final.items()}
        lowest = float(energy.total(final)[0])
    return Optimised(path, named, lowest, candidates.records(), candidates.winner, recorder.history())


def _plain(values: Tensor) -> NDArray[np.floating]:
    return np.asarray(values.detach().cpu().numpy())
