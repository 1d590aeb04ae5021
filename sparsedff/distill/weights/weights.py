"""Weights of a model: which file or folder a name in the configuration means, and loading it once a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

import torch

from sparsedff.distill.weights import hub
from sparsedff.distill.weights.files import AGAIN, OfficialFile, find_weights
from sparsedff.errors import WeightsError
from sparsedff.files.sha256 import sha256_of_file, sha256_of_files

Architecture = TypeVar("Architecture")
Model = TypeVar("Model")
More = ParamSpec("More")


@dataclass(frozen=True)
class Weights(Generic[Architecture]):
    """Where a model's weights lie. Nothing is read before the model is loaded.

    Attributes:
        path: an official .pth file, or a folder in the hub's layout.
        architecture: of the official file; None for folders, whose config.json says it.
        size: [bytes] of the official file where it is known, for errors.
    """

    path: Path
    architecture: Architecture | None = None
    size: int | None = None

    def sha256(self) -> str:
        """Fingerprint of everything that decides the model."""
        if self.path.is_dir():
            return sha256_of_files([self.path / "config.json", *hub.weight_files(self.path)], WeightsError, AGAIN)
        return sha256_of_file(self.path, WeightsError, AGAIN)


def find_model(
    name: str,
    folder: Path,
    setting: str,
    architectures: Mapping[str, Architecture],
    files: Mapping[str, OfficialFile],
) -> Weights[Architecture]:
    """The weights that a name in the configuration means.

    Args:
        name: an official name, a folder in the hub's layout, or hub:OWNER/NAME.
        folder: where official files lie.
        setting: the key that holds the name, for errors.
        architectures: of the official models, by name.
        files: the official files, by the same names.

    Raises:
        WeightsError: they are not there; says where they were looked for and what brings them.
    """
    if name in architectures:
        official = files[name]
        return Weights(find_weights(official, folder, f"{setting}={name}"), architectures[name], official.size)
    path = hub.download_folder(name.removeprefix(hub.PREFIX)) if name.startswith(hub.PREFIX) else Path(name)
    hub.check_folder(path)
    return Weights(path)


def once_a_process(
    most: int,
) -> Callable[
    [Callable[Concatenate[Weights[Any], torch.device, More], Model]],
    Callable[Concatenate[Weights[Any], torch.device, More], Model],
]:
    """Decorator of `load(weights, device, ...)`: a second call for the same content returns the same model.

    Args:
        most: how many models stay in memory.
    """

    def decorate(
        load: Callable[Concatenate[Weights[Any], torch.device, More], Model],
    ) -> Callable[Concatenate[Weights[Any], torch.device, More], Model]:
        def made(weights: Weights[Any], device: str, sha256: str, *args: More.args, **kwargs: More.kwargs) -> Model:
            return load(weights, torch.device(device), *args, **kwargs)

        cached: Any = lru_cache(maxsize=most)(made)

        @wraps(load)
        def loaded(weights: Weights[Any], device: torch.device, *args: More.args, **kwargs: More.kwargs) -> Model:
            model: Model = cached(weights, str(device), weights.sha256(), *args, **kwargs)
            return model

        return loaded

    return decorate
