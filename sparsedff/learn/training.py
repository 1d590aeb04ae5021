"""The training: plain L1 regression of coordinates and votes, by AdamW along a cosine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.distill.backbones.learned.network import PointNetwork
from sparsedff.learn.disturb import Disturbance
from sparsedff.learn.samples import draw
from sparsedff.learn.scenes import LearnScene
from sparsedff.learn.settings import LearnSettings


@dataclass
class Run:
    """A training on its way.

    Attributes:
        settings: of it.
        network: as trained so far.
        optimiser: of the network.
        step: steps done.
        curve: (step, loss of coordinates, loss of votes), means over EVERY steps.
    """

    settings: LearnSettings
    network: PointNetwork
    optimiser: torch.optim.AdamW
    step: int = 0
    curve: list[tuple[int, float, float]] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """Everything that `start` needs to go on."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "curve": list(self.curve),
        }


EVERY = 50
"""Steps of a point of the curve. A checkpoint is due at such a step only, so the means come out alike."""


def start(settings: LearnSettings, state: dict[str, Any] | None = None) -> Run:
    """A new training, or one that goes on from a checkpoint's `state`."""
    torch.manual_seed(settings.seed)
    network = PointNetwork()
    optimiser = torch.optim.AdamW(
        network.parameters(), settings.learning_rate, (0.9, 0.99), weight_decay=settings.weight_decay
    )
    run = Run(settings, network, optimiser)
    if state is not None:
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        run.step, run.curve = int(state["step"]), [tuple(point) for point in state["curve"]]
    return run


def train(
    run: Run,
    scenes: Sequence[LearnScene],
    coordinates: Sequence[NDArray[np.float32]],
    how: Disturbance | None = None,
    until: int | None = None,
    every: Callable[[Run], object] = lambda run: None,
) -> None:
    """Go on with a training.

    Every step draws from a generator of its own, so an interrupted training ends with the same weights.

    Args:
        run: is changed.
        scenes: to learn from.
        coordinates: (N, channels) that the points of each shall have.
        how: what happens to a look; None takes the defaults.
        until: stop at this step; None = at the settings' last.
        every: called each EVERY steps and at the end, to show the curve and to write a checkpoint.
    """
    how = how or Disturbance()
    settings, losses = run.settings, []
    for step in range(run.step, settings.steps if until is None else until):
        rng = np.random.default_rng([settings.seed, step])
        losses.append(_step(run, scenes, coordinates, how, rng))
        run.step = step + 1
        if run.step % EVERY == 0:
            own, votes = np.mean(losses, axis=0)
            run.curve.append((run.step, float(own), float(votes)))
            losses = []
            every(run)


def _step(
    run: Run,
    scenes: Sequence[LearnScene],
    coordinates: Sequence[NDArray[np.float32]],
    how: Disturbance,
    rng: np.random.Generator,
) -> tuple[float, float]:
    settings = run.settings
    for group in run.optimiser.param_groups:
        group["lr"] = settings.learning_rate * _rate(run.step, settings)
    samples = draw(scenes, coordinates, how, settings.looks, settings.points, rng)
    found, votes = run.network(torch.from_numpy(samples.inputs))
    own = (found - torch.from_numpy(samples.coordinates)).abs().mean()
    aside = (votes - torch.from_numpy(samples.votes)).abs().mean()
    run.optimiser.zero_grad()
    (own + settings.vote_weight * aside).backward()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), 1.0)
    run.optimiser.step()
    return float(own.detach()), float(aside.detach())


def _rate(step: int, settings: LearnSettings) -> float:
    """Share of the learning rate at a step: it rises, then falls along a cosine to a hundredth."""
    if step < settings.warm_up:
        return (step + 1) / settings.warm_up
    done = (step - settings.warm_up) / max(1, settings.steps - settings.warm_up)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))
