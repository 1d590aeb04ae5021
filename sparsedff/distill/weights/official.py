"""Official checkpoints as models of transformers: what every kind of them shares.

Every tensor of the file must find its place and every place its tensor. Anything else is a checkpoint of another model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from sparsedff.errors import WeightsError

Architecture = TypeVar("Architecture")
State = dict[str, Tensor]


@dataclass(frozen=True)
class OfficialLayout(Generic[Architecture]):
    """How the official checkpoints of a kind of model are read.

    Attributes:
        kind: name of the model, for errors.
        architecture_of: the architecture that tensors have, None if they are of no such model; compared as text.
        renamed: the tensors under transformers' names, and the names that mean nothing in this model.
        empty: (architecture, tensors under official names) -> the model, with parameters of any value.
    """

    kind: str
    architecture_of: Callable[[State], Architecture | None]
    renamed: Callable[[State], tuple[State, list[str]]]
    empty: Callable[[Architecture, State], nn.Module]

    def build(self, official: State, architecture: Architecture, where: Path | str) -> nn.Module:
        """A transformers model that holds these weights, on the CPU, ready for inference.

        Args:
            official: float32 tensors under their official names.
            architecture: what they must be.
            where: the file, for errors.

        Raises:
            WeightsError: the checkpoint is of another architecture or model; says which.
        """
        found = self.architecture_of(official)
        if found is None:
            raise WeightsError(
                f"{where}: is no {self.kind} checkpoint in the official layout "
                f"(first entries: {', '.join(list(official)[:3])})"
            )
        if str(found) != str(architecture):
            raise WeightsError(f"{where}: holds a {self.kind} of {found}, but the setting asks for {architecture}")
        state, unknown = self.renamed(official)
        with torch.device("meta"):  # no memory and no time for random weights that the next lines replace
            model = self.empty(architecture, official)
        fault = _misfit(model, state, unknown)
        if fault:
            raise WeightsError(f"{where}: does not fit {architecture}: {fault}; fetch the official file anew")
        model.load_state_dict(state, strict=True, assign=True)
        return model.requires_grad_(False).eval()


def _misfit(model: nn.Module, state: State, unknown: list[str]) -> str:
    """What is missing, left over or of another shape; empty if the tensors fit."""
    places = model.state_dict()
    missing, extra = sorted(set(places) - set(state)), sorted(set(state) - set(places)) + unknown
    shapes = [name for name in set(places) & set(state) if places[name].shape != state[name].shape]
    if missing:
        return f"missing {missing[:2]}"
    if extra:
        return f"unknown {extra[:2]}"
    return f"wrong size {shapes[:2]}" if shapes else ""
