"""State of a training on disk: all that a killed training needs to end as one that was never interrupted."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sparsedff.common.atomic import write_file
from sparsedff.errors import ConfigError, WeightsError
from sparsedff.files.tensors import read_tensors


@dataclass(eq=False)
class TrainingProgress:
    """History of a training; it changes with every step.

    Attributes:
        step: steps done.
        losses: of every step.
        looks: [step, hits, ratio] of every look at the held-out regions.
        best_step: of the best look.
        best_state: the network then.
        finished: whether nothing is left to do.
    """

    step: int = 0
    losses: list[float] = field(default_factory=list)
    looks: list[list[float]] = field(default_factory=list)
    best_step: int = 0
    best_state: dict[str, Tensor] = field(default_factory=dict)
    finished: bool = False

    @property
    def best_score(self) -> float:
        """Score of the best look: hits minus ratio, so that both measures count. Before the first it is -infinity."""
        return max((look[1] - look[2] for look in self.looks), default=-math.inf)

    def should_stop(self, patience: int) -> bool:
        """Whether the last `patience` looks have all been no better than one before."""
        since = sum(look[0] > self.best_step for look in self.looks)
        return bool(patience) and since >= patience


def save_state(
    path: Path,
    progress: TrainingProgress,
    network: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    generator: torch.Generator,
    recipe: Mapping[str, Any],
) -> None:
    """Write everything to one file. The file appears whole or stays as it was."""
    content = {
        "recipe": json.dumps(recipe, sort_keys=True),
        "progress": vars(progress),
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "generator": generator.get_state(),
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, buffer.getvalue())


def restore_state(
    path: Path,
    network: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    generator: torch.Generator,
    recipe: Mapping[str, Any],
) -> TrainingProgress:
    """Set network, optimiser and generator to where a training stood, and return its progress.

    Without a file nothing is changed, and the progress is that of a new training.

    Raises:
        ConfigError: the file is of a training with other settings or data; says which.
        WeightsError: the file is damaged, or of a version that stores other things.
    """
    if not path.exists():
        return TrainingProgress()
    says, remedy = "is damaged", "delete it, or train with --fresh"
    content = read_tensors(path, WeightsError, remedy, says)
    try:
        theirs = dict(json.loads(content["recipe"]))
        mine = json.loads(json.dumps(recipe))
    except Exception:  # JSON of any shape, or none
        raise WeightsError(f"{path}: {says}; {remedy}") from None
    for name in sorted(mine.keys() | theirs.keys()):
        if mine.get(name) != theirs.get(name):
            raise ConfigError(
                f"{path}: is a training with other settings ({name} was {_brief(theirs.get(name))}, now "
                f"{_brief(mine.get(name))}); --fresh starts anew, the same settings go on"
            )
    try:
        network.load_state_dict(content["network"])
        optimiser.load_state_dict(content["optimiser"])
        generator.set_state(content["generator"])
        return _progress(content["progress"])
    except Exception:  # torch raises whatever it comes upon in another version's state
        raise WeightsError(f"{path}: was written by another version; train with --fresh") from None


def _progress(content: Any) -> TrainingProgress:
    """The history in a file, held to its types: a state that was changed by hand must not fail steps later."""
    progress = TrainingProgress(**content)
    numbers = [
        progress.step,
        progress.best_step,
        *progress.losses,
        *(value for look in progress.looks for value in look),
    ]
    if any(not isinstance(value, (int, float)) for value in numbers) or any(len(look) != 3 for look in progress.looks):
        raise TypeError
    if not all(isinstance(value, Tensor) for value in progress.best_state.values()):
        raise TypeError
    return progress


def _brief(value: Any) -> str:
    return json.dumps(value)[:60]
