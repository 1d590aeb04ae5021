"""A training on disk, so that an interrupted one goes on where it was."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from sparsedff.common.atomic import write_file
from sparsedff.errors import DistillError
from sparsedff.files.opened import decoding
from sparsedff.files.tensors import read_tensors
from sparsedff.learn.settings import LearnSettings
from sparsedff.learn.training import Run, start

SAYS, REMEDY = "is no training", "delete it and begin anew"


def save_run(run: Run, families: Sequence[str], path: Path) -> None:
    """Write a training; the file appears whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    torch.save({**run.state(), "made_by": _made_by(run.settings, families)}, buffer)
    write_file(path, buffer.getvalue())


def resume_run(settings: LearnSettings, families: Sequence[str], path: Path) -> Run:
    """The training of a file, or a new one if there is no file.

    Raises:
        DistillError: the file is damaged, or a training with other settings or families.
    """
    if not path.exists():
        return start(settings)
    state = read_tensors(path, DistillError, REMEDY, SAYS)
    with decoding(path, DistillError, REMEDY, SAYS):
        if state["made_by"] != _made_by(settings, families):
            raise DistillError(
                f"{path}: a training with other settings or families is under way there; go on with its own, "
                "choose another --folder, or delete it"
            )
        return start(settings, state)


def _made_by(settings: LearnSettings, families: Sequence[str]) -> str:
    return json.dumps({"settings": asdict(settings), "families": list(families)}, sort_keys=True)
