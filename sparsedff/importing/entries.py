"""Entries of the JSON files of other layouts; a wrong one is an error that names file and entry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sparsedff.capture.files.entries import child, numbers
from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.geometry import Float


def array(entry: Mapping[str, Any], key: str, shape: tuple[int, ...] | None, path: Path, where: str) -> Float:
    """entry[key] as numbers of a shape; None takes any count, flattened.

    Raises:
        CalibrationError: missing, no numbers, not finite, or of another shape.
    """
    place = f"{where}.{key}" if where else key
    return numbers(child(entry, key, path, where), shape, path, place)


def number(entry: Mapping[str, Any], key: str, path: Path, where: str, default: float | None = None) -> float:
    """entry[key] as one number.

    Raises:
        CalibrationError: no number, or missing without a default.
    """
    if default is not None and key not in entry:
        return default
    value = child(entry, key, path, where)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CalibrationError(f"{path}: {where}.{key}: must be a number, got {value!r:.60}")
    return float(value)


def file_of(entry: Mapping[str, Any], key: str, path: Path, where: str) -> Path:
    """The file that entry[key] names, relative to the folder of `path`, and inside it.

    Raises:
        CaptureError: it lies elsewhere, or is no text.
    """
    name = child(entry, key, path, where)
    if not isinstance(name, str) or not name:
        raise CaptureError(f"{path}: {where}.{key}: must be the name of a file, got {name!r:.60}")
    file = path.parent / name
    if not file.resolve().is_relative_to(path.parent.resolve()):
        raise CaptureError(f"{path}: {where}.{key}: {name!r:.80} is not inside {path.parent}; copy the file there")
    return file


def listed(document: Mapping[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    """document[key] as a list of objects, at least one.

    Raises:
        CaptureError: it is none.
    """
    entries = child(document, key, path, "")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise CaptureError(f"{path}: {key}: must be a list of objects, one per view; docs/files.md has an example")
    return entries
