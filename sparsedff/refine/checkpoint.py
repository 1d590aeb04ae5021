"""Refinement networks on disk: a plain state dict, and a note beside it that says what the network is.

NAME.pth holds tensors only, under the authors' names (docs/files.md), so that each code reads the other's files.
NAME.json says mode, training and backbone. NAME.reduction.npz, where there is one, holds what the backbone's reduction
learned. The authors' own files come without a note.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sparsedff.common.atomic import write_file
from sparsedff.distill.weights.files import read_state
from sparsedff.errors import WeightsError
from sparsedff.files.json_file import read_object
from sparsedff.files.npz import read_npz
from sparsedff.files.opened import decoding
from sparsedff.files.sha256 import sha256_of_file
from sparsedff.refine.input_reduction import arrays_sha256
from sparsedff.refine.network import Probe, Shape

_WIDEST = 1 << 14


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The content of a .pth file and of its companions.

    Attributes:
        path: of the .pth file.
        probe: the network, in evaluation mode on the CPU.
        note: the content of the .json; empty where there is none.
        reduction: arrays of the .reduction.npz; empty where there is none.
    """

    path: Path
    probe: Probe
    note: dict[str, Any]
    reduction: dict[str, NDArray]

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the .pth file."""
        return sha256_of_file(self.path, WeightsError, "train the network again")


def companions(path: Path) -> tuple[Path, Path]:
    """Paths of the note and of the reduction beside a .pth file."""
    return path.with_suffix(".json"), path.with_suffix(".reduction.npz")


def save_checkpoint(
    path: Path, state: Mapping[str, Tensor], shape: Shape, note: Mapping[str, Any], reduction: Mapping[str, NDArray]
) -> None:
    """Write a network with its note. Each file appears whole, and the .pth last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    json_path, npz_path = companions(path)
    hashed = arrays_sha256(reduction) if reduction else None
    if reduction:
        buffer = io.BytesIO()
        np.savez(buffer, **reduction)  # type: ignore[arg-type]
        write_file(npz_path, buffer.getvalue())
    content = {"shape": asdict(shape), "reduction_sha256": hashed, **note}
    write_file(json_path, json.dumps(content, indent=1, allow_nan=False) + "\n")
    buffer = io.BytesIO()
    torch.save({name: tensor.detach().cpu().clone() for name, tensor in state.items()}, buffer)
    write_file(path, buffer.getvalue())


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a network, and its companions where they exist.

    Raises:
        WeightsError: the file is missing, damaged or no refinement network, or its companions contradict it.
    """
    if not path.is_file():
        raise WeightsError(
            f"{path}: no such refinement network; `python scripts/train_linear_probe.py` trains one, "
            "`bash download.sh` brings the authors'"
        )
    state = read_state(path)
    note, reduction = _companions_of(path)
    with decoding(path, WeightsError, "choose another file", "is no refinement network"):
        shape = _shape(note, state, path)
        with torch.device("meta"):  # a note may announce layers of any width: compared before there are any
            check_state(Probe(shape), state, path)
        probe = Probe(shape)
        probe.load_state_dict(state)
    return Checkpoint(path, probe.eval().requires_grad_(False), note, reduction)


def check_state(probe: Probe, state: Mapping[str, Tensor], path: Path) -> None:
    """Refuse a state dict of another network.

    Raises:
        WeightsError: names keys that are missing, unknown or of another shape.
    """
    wanted = {name: tuple(value.shape) for name, value in probe.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in state.items()}
    faults = [f"{name} is missing" for name in wanted if name not in found]
    faults += [f"{name} is unknown" for name in found if name not in wanted]
    faults += [
        f"{name} is {found[name]} instead of {wanted[name]}"
        for name in wanted
        if name in found and found[name] != wanted[name]
    ]
    if faults:
        shown = "; ".join(faults[:6]) + (f"; and {len(faults) - 6} more" if len(faults) > 6 else "")
        raise WeightsError(f"{path}: is no refinement network of mode {probe.shape.mode}: {shown}; choose another file")


def shape_of(state: Mapping[str, Tensor], path: Path) -> Shape:
    """The network's shape, derived from the names and sizes of a state dict.

    Raises:
        WeightsError: they are those of no refinement network.
    """
    first = state.get("linear1.weight")
    if first is None or first.ndim != 2:
        raise WeightsError(
            f"{path}: is no refinement network: linear1.weight is missing, there are {', '.join(list(state)[:6])}; "
            "choose another file"
        )
    layers = next(n for n in range(1, 5) if f"linear{n + 1}.weight" not in state or n == 4)
    views = len({name.split(".")[1] for name in state if name.startswith("linears.")})
    plain, per_view = {1: "base", 2: "thick", 3: "juicy"}, {1: "per_scene", 2: "per_scene_thick"}
    mode = (per_view if views else plain).get(layers, "glayer")
    head = state["linear_g.weight"].shape[0] if "linear_g.weight" in state else 64
    return Shape("glayer" if "linear_g.weight" in state else mode, first.shape[1], first.shape[0], head, max(1, views))


def _shape(note: Mapping[str, Any], state: Mapping[str, Tensor], path: Path) -> Shape:
    if not note:
        return shape_of(state, path)
    try:
        if any(isinstance(value, int) and value > _WIDEST for value in note["shape"].values()):
            raise ValueError(f"a width over {_WIDEST}")
        return Shape(**note["shape"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(f"{companions(path)[0]}: is no note of a refinement network ({error}); delete it") from None


def _companions_of(path: Path) -> tuple[dict[str, Any], dict[str, NDArray]]:
    json_path, npz_path = companions(path)
    if not json_path.exists():
        return {}, {}
    remedy = "copy .pth, .json and .reduction.npz together"
    note = read_object(json_path, WeightsError, remedy)
    reduction: dict[str, NDArray] = {}
    with decoding(json_path, WeightsError, remedy, "does not fit the network"):
        if note["reduction_sha256"] is not None:
            reduction = read_npz(npz_path, WeightsError, remedy)
            if arrays_sha256(reduction) != note["reduction_sha256"]:
                raise ValueError(f"{npz_path.name} is not the one it was trained with")
    return note, reduction
