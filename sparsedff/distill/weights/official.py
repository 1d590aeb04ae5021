"""Official checkpoints as models of transformers: the checks that every kind of them shares.

Every tensor of the file must find its place and every place its tensor. Anything else is a checkpoint of another model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor, nn

from sparsedff.errors import WeightsError


def check_architecture(
    found: object | None, wanted: object, kind: str, official: Mapping[str, Tensor], where: Path | str
) -> None:
    """Refuse a checkpoint of another model or architecture.

    Args:
        found: architecture that the tensors have, None if they are of no such model; compared as text.
        wanted: architecture that the setting asks for.
        kind: name of the model, for errors.
        official: the checkpoint's tensors.
        where: the file, for errors.

    Raises:
        WeightsError: says what the file holds.
    """
    if found is None:
        raise WeightsError(
            f"{where}: is no {kind} checkpoint in the official layout (first entries: {', '.join(list(official)[:3])})"
        )
    if str(found) != str(wanted):
        raise WeightsError(f"{where}: holds a {kind} of {found}, but the setting asks for {wanted}")


def filled(
    model: nn.Module, state: Mapping[str, Tensor], unknown: Sequence[str], architecture: object, where: Path | str
) -> nn.Module:
    """The model with these weights, ready for inference.

    Args:
        model: on the meta device.
        state: the tensors under the model's own names.
        unknown: names of the file that mean nothing in this model.
        architecture: of the model, for errors.
        where: the file, for errors.

    Raises:
        WeightsError: a tensor is missing, left over, or of another shape.
    """
    places = model.state_dict()
    missing, extra = sorted(set(places) - set(state)), [*sorted(set(state) - set(places)), *unknown]
    shapes = [n for n in set(places) & set(state) if places[n].shape != state[n].shape]
    if missing or extra or shapes:
        fault = f"missing {missing[:2]}" if missing else f"unknown {extra[:2]}" if extra else f"wrong size {shapes[:2]}"
        raise WeightsError(f"{where}: does not fit {architecture}: {fault}; fetch the official file anew")
    model.load_state_dict(state, strict=True, assign=True)
    return model.requires_grad_(False).eval()
