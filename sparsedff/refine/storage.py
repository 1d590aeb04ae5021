"""Training data on disk: a folder per key, with CAPTURE.npz for the arrays and CAPTURE.json for how they were made.

The .json is written last and holds the hash of the .npz file. If the two do not agree, writing was interrupted, and the
capture is read again.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparsedff.common.atomic import write_file
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.errors import ConfigError, DistillError
from sparsedff.files.json_file import read_object
from sparsedff.files.npz import read_npz
from sparsedff.files.opened import decoding, read_bytes
from sparsedff.refine.scene import TrainingScene

_CLOUD = ("points", "colors", "features", "view_index")
_REDUCTION = "reduction_"


@dataclass(frozen=True, eq=False)
class Stored:
    """The training data of one capture.

    Attributes:
        scene: the data.
        reduction: arrays of the reduction that its features went through; empty for none.
        settings: backbone, scale, radius and the reduction's hash, which all captures of a key share.
        sha256: of the .npz file.
    """

    scene: TrainingScene
    reduction: dict[str, NDArray]
    settings: dict[str, Any]
    sha256: str


def key_folder(root: Path, key: int) -> Path:
    """The folder of a key's training data."""
    return root / f"key{key}"


def read_note(folder: Path, name: str) -> dict[str, Any] | None:
    """The content of CAPTURE.json, or None if the capture is missing or incomplete."""
    try:
        note = read_object(folder / f"{name}.json", DistillError, "")
        content = read_bytes(folder / f"{name}.npz", DistillError, "")
        known = isinstance(note["settings"], dict) and isinstance(note["made_from"], dict)
        whole = known and note["sha256"] == hashlib.sha256(content).hexdigest()
    except (DistillError, KeyError):
        return None
    return note if whole else None


def check_settings(folder: Path, name: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings that differ from those of the captures in the folder.

    Raises:
        ConfigError: another capture of the folder was made with other settings; names it and the first that differs.
    """
    for other in captures_in(folder):
        note = read_note(folder, other)
        if other == name or note is None:
            continue
        for what, value in settings.items():
            if note["settings"].get(what) != value:
                raise ConfigError(
                    f"{folder}: {other} was read with another {what} ({_brief(note['settings'].get(what))}, now "
                    f"{_brief(value)}); use the same settings, or another --key"
                )


def captures_in(folder: Path) -> list[str]:
    """Names of the captures of a key, sorted."""
    return sorted(path.stem for path in folder.glob("*.json") if path.with_suffix(".npz").exists())


def store(
    folder: Path,
    scene: TrainingScene,
    reduction: Mapping[str, NDArray],
    settings: Mapping[str, Any],
    made_from: Mapping[str, Any],
) -> None:
    """Write one capture. It replaces earlier data of the same name."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray] = {name: getattr(scene.cloud, name) for name in _CLOUD}
    arrays |= {"pairs": scene.pairs} | {_REDUCTION + name: array for name, array in reduction.items()}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    content = buffer.getvalue()
    note = {
        "settings": dict(settings),
        "made_from": dict(made_from),
        "points": len(scene.cloud),
        "views": len(np.unique(scene.cloud.view_index)),
        "channels": scene.cloud.features.shape[1],
        "pairs": len(scene.pairs),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    write_file(folder / f"{scene.name}.npz", content)
    write_file(folder / f"{scene.name}.json", json.dumps(note, indent=1) + "\n")


def load(folder: Path, name: str) -> Stored:
    """Read one capture.

    Raises:
        DistillError: it is not there whole, or not what `store` writes.
    """
    path, note = folder / f"{name}.npz", read_note(folder, name)
    if note is None:
        raise DistillError(f"{path}: is incomplete or has changed; run `{remedy(folder, name)}` again")
    again = f"run `{remedy(folder, name)}` again"
    arrays = read_npz(path, DistillError, again)
    with decoding(path, DistillError, again, "is no training data"):
        cloud = FeatureCloud(*(arrays[field] for field in _CLOUD))
        scene = TrainingScene(name, cloud, arrays["pairs"])
    reduction = {key.removeprefix(_REDUCTION): array for key, array in arrays.items() if key.startswith(_REDUCTION)}
    return Stored(scene, reduction, note["settings"], note["sha256"])


def load_key(folder: Path) -> tuple[Stored, ...]:
    """All captures of a key, at least one, all of the same settings.

    Raises:
        DistillError: there is none, or one is damaged.
        ConfigError: their settings differ.
    """
    names = captures_in(folder)
    if not names:
        raise DistillError(f"{folder}: no training data; make some with `{remedy(folder, 'CAPTURE')}`")
    stored = tuple(load(folder, name) for name in names)
    check_settings(folder, stored[0].scene.name, stored[0].settings)
    return stored


def remedy(folder: Path, name: str) -> str:
    """The command that makes the training data of a capture."""
    return f"python scripts/read.py --img_data_path {name} --key {folder.name.removeprefix('key')}"


def _brief(value: Any) -> str:
    return json.dumps(value)[:60]
