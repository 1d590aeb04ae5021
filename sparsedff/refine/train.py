"""The training loop: draw points, compute the loss, step, measure the held-out regions, save the state now and then."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.parallel import DistributedDataParallel

from sparsedff.errors import TrainingError
from sparsedff.refine.losses.base import TrainingLoss
from sparsedff.refine.losses.registry import LOSSES
from sparsedff.refine.network import Probe, Shape
from sparsedff.refine.processes import agreed, everyones, gradient_share, my_share
from sparsedff.refine.settings import TrainingSettings, known
from sparsedff.refine.start import start_at_identity
from sparsedff.refine.state import TrainingProgress, restore_state, save_state
from sparsedff.refine.training_set import TrainingSet

VALIDATION_POINTS = 1000
"""A look at the held-out regions measures at most this many points of each capture."""

Listener = Callable[[TrainingProgress, float], None]
"""Called after every step with the training's progress and the learning rate."""


@dataclass(frozen=True, eq=False)
class Trained:
    """The result of a training.

    Attributes:
        probe: the network of the best look, in evaluation mode on the CPU.
        progress: its history.
    """

    probe: Probe
    progress: TrainingProgress


def make_probe(training_set: TrainingSet, settings: TrainingSettings, mode: str, seed: int) -> Probe:
    """The network before the first step: drawn at random, then set to keep the features' distances if the loss asks so.

    Args:
        training_set: tells channels and views.
        settings: loss, hidden_factor and head.
        mode: of the network, one of MODES.
        seed: of the random parameters.
    """
    width = training_set.features.shape[1]
    torch.manual_seed(seed)
    probe = Probe(Shape(mode, width, settings.hidden_factor * width, settings.head, training_set.views))
    if _loss(settings).starts_at_identity:
        start_at_identity(probe, training_set.features)
    return probe


def train(
    training_set: TrainingSet,
    settings: TrainingSettings,
    mode: str,
    seed: int,
    device: torch.device,
    state_path: Path | None = None,
    data: Mapping[str, Any] | None = None,
    listen: Listener = lambda progress, rate: None,
    writes: bool = True,
) -> Trained:
    """Train a network. The same arguments and library give the same network, whether the training was killed or not.

    Args:
        training_set: what is learned from.
        settings: how; what they leave open is resolved here.
        mode: of the network, one of MODES.
        seed: of everything random.
        device: where it computes.
        state_path: file from which an interrupted training is resumed; None keeps none.
        data: what identifies the training set, for that file.
        listen: called after every step.
        writes: whether this process writes the file; one of several does.

    Raises:
        ConfigError, WeightsError: the state's file is of another training, or damaged.
        TrainingError: the loss is no finite number.
    """
    settings, loss_of = settings.resolved(mode), _loss(settings)
    steps = known(settings.steps)
    objective, probe = loss_of.objective(training_set, settings), make_probe(training_set, settings, mode, seed)
    probe = probe.to(device)
    if not objective.uses_head and probe.shape.layout.head:
        probe.linear_g.requires_grad_(False)
    optimiser = torch.optim.Adam([p for p in probe.parameters() if p.requires_grad], lr=known(settings.learning_rate))
    generator = torch.Generator().manual_seed(seed)
    recipe = {**settings.decisive(mode, seed), "data": dict(data or {})}
    progress = TrainingProgress()
    if state_path is not None:
        progress = restore_state(state_path, probe, optimiser, generator, recipe)
    answer: torch.nn.Module = DistributedDataParallel(probe) if torch.distributed.is_initialized() else probe
    if not progress.looks:
        _look(progress, probe, training_set, device)
    while not progress.finished:
        rate = loss_of.rate(settings, progress.step)
        for group in optimiser.param_groups:
            group["lr"] = rate
        points = objective.draw(generator)
        mine = my_share(points)
        features, head = answer(training_set.features[mine].to(device), training_set.view_index[mine].to(device))
        outputs = everyones(head if objective.uses_head else features, len(points))
        loss = objective.loss(points, outputs)
        optimiser.zero_grad(set_to_none=True)
        gradient_share(loss).backward()
        optimiser.step()
        progress.step += 1
        progress.losses.append(float(loss.detach()))
        if not torch.isfinite(loss.detach()):
            raise TrainingError(
                f"training: the loss is no finite number at step {progress.step}; lower refinement.learning_rate"
            )
        if progress.step % settings.evaluate_every == 0 or progress.step == steps:
            _look(progress, probe, training_set, device)
        progress.finished = progress.step >= steps or progress.should_stop(settings.patience)
        if writes and state_path is not None and (progress.finished or progress.step % settings.save_every == 0):
            save_state(state_path, progress, probe, optimiser, generator, recipe)
        listen(progress, rate)
    best = copy.deepcopy(probe).cpu()
    best.load_state_dict(progress.best_state)
    return Trained(best.eval().requires_grad_(False), progress)


def _look(progress: TrainingProgress, probe: Probe, training_set: TrainingSet, device: torch.device) -> None:
    """Measure the held-out regions, and keep the network if it is the best so far."""
    seen = training_set.consistency(probe, "validation", VALIDATION_POINTS)
    hits, ratio = agreed([seen.hits, seen.ratio], device)
    if not progress.looks or hits - ratio > progress.best_score or math.isnan(hits):
        progress.best_step = progress.step
        progress.best_state = {name: value.detach().cpu().clone() for name, value in probe.state_dict().items()}
    progress.looks.append([float(progress.step), hits, ratio])


def _loss(settings: TrainingSettings) -> TrainingLoss:
    loss: TrainingLoss = LOSSES.load(settings.loss)
    return loss
