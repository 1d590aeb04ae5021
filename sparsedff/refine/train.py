"""The training loop: draw, answer, judge, step; look at what is held out; go on where a killed training stopped."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.parallel import DistributedDataParallel

from sparsedff.errors import TransferError
from sparsedff.refine.material import Material
from sparsedff.refine.network import Probe, Shape
from sparsedff.refine.objectives import FieldObjective, Objective, PublishedObjective
from sparsedff.refine.plan import Plan
from sparsedff.refine.processes import agreed, everyones, gradient_share, my_share
from sparsedff.refine.start import start_at_identity
from sparsedff.refine.state import Progress, restore_state, save_state

VALIDATION_POINTS = 1000
"""A look at the held-out regions asks at most this many points of each capture."""

Listener = Callable[[Progress, float], None]
"""Told after every step where the training stands, and the learning rate."""


@dataclass(frozen=True, eq=False)
class Trained:
    """What training gives.

    Attributes:
        probe: the network of the best look, in evaluation mode on the CPU.
        progress: its history.
    """

    probe: Probe
    progress: Progress


def make_objective(material: Material, plan: Plan) -> Objective:
    """The objective that a plan names."""
    if plan.loss == "published":
        return PublishedObjective(material, plan.temperature)
    return FieldObjective(material, plan.batch, plan.temperature, plan.keep_distances, plan.mask_near)


def make_probe(material: Material, plan: Plan) -> Probe:
    """The network before the first step: random for the published loss, else one that keeps the features' distances."""
    width = material.features.shape[1]
    torch.manual_seed(plan.seed)
    probe = Probe(Shape(plan.mode, width, plan.hidden_factor * width, plan.head, material.views))
    if plan.loss != "published":
        start_at_identity(probe, material.features)
    return probe


def train(
    material: Material,
    plan: Plan,
    device: torch.device,
    state_path: Path | None = None,
    data: Mapping[str, Any] | None = None,
    listen: Listener = lambda progress, rate: None,
    writes: bool = True,
) -> Trained:
    """Train a network; the same plan, data and library give the same network, killed on the way or not.

    Args:
        material: what is learned.
        plan: how.
        device: where.
        state_path: file that an interrupted training goes on from; None keeps none.
        data: what identifies the material, for that file.
        listen: told of every step.
        writes: whether this process writes the file; one of several does.

    Raises:
        ConfigError, WeightsError: the state's file is of another training, or damaged.
        TransferError: the loss left the finite numbers.
    """
    objective, probe = make_objective(material, plan), make_probe(material, plan).to(device)
    if not objective.uses_head and probe.shape.layout.head:
        probe.linear_g.requires_grad_(False)
    optimiser = torch.optim.Adam([p for p in probe.parameters() if p.requires_grad], lr=plan.learning_rate)
    generator = torch.Generator().manual_seed(plan.seed)
    recipe = {**plan.decides_training, "data": dict(data or {})}
    progress = Progress()
    if state_path is not None:
        progress = restore_state(state_path, probe, optimiser, generator, recipe)
    answer: torch.nn.Module = DistributedDataParallel(probe) if torch.distributed.is_initialized() else probe
    if not progress.looks:
        _look(progress, probe, material, device)
    while not progress.finished:
        rate = plan.rate(progress.step)
        for group in optimiser.param_groups:
            group["lr"] = rate
        points = objective.draw(generator)
        mine = my_share(points)
        features, head = answer(material.features[mine].to(device), material.view_index[mine].to(device))
        outputs = everyones(head if objective.uses_head else features, len(points))
        loss = objective.loss(points, outputs)
        optimiser.zero_grad(set_to_none=True)
        gradient_share(loss).backward()
        optimiser.step()
        progress.step += 1
        progress.losses.append(float(loss.detach()))
        if not torch.isfinite(loss.detach()):
            raise TransferError(
                f"training: the loss is no finite number at step {progress.step}; lower refinement.learning_rate"
            )
        if progress.step % plan.evaluate_every == 0 or progress.step == plan.steps:
            _look(progress, probe, material, device)
        progress.finished = progress.step >= plan.steps or progress.should_stop(plan.patience)
        if writes and state_path is not None and (progress.finished or progress.step % plan.save_every == 0):
            save_state(state_path, progress, probe, optimiser, generator, recipe)
        listen(progress, rate)
    best = copy.deepcopy(probe).cpu()
    best.load_state_dict(progress.best_state)
    return Trained(best.eval().requires_grad_(False), progress)


def _look(progress: Progress, probe: Probe, material: Material, device: torch.device) -> None:
    """Measure the held-out regions and keep the network if it is the best so far."""
    seen = material.consistency(probe, "validation", VALIDATION_POINTS)
    hits, ratio = agreed([seen.hits, seen.ratio], device)
    if not progress.looks or hits - ratio > progress.best_score or math.isnan(hits):
        progress.best_step = progress.step
        progress.best_state = {name: value.detach().cpu().clone() for name, value in probe.state_dict().items()}
    progress.looks.append([float(progress.step), hits, ratio])
