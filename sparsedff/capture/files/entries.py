"""Entries of JSON and YAML files; a wrong entry raises an error of one line that names file and entry."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sparsedff.errors import CalibrationError
from sparsedff.files.json_file import read_json
from sparsedff.files.yaml_text import read_yaml
from sparsedff.geometry import Float


class _Yaml(yaml.SafeLoader):
    """YAML in which 5e-05 is a number, as in YAML 1.2; PyYAML's YAML 1.1 takes it for a word."""


_Yaml.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def _parse(text: str) -> Any:
    return yaml.load(text, Loader=_Yaml)


def read_document(path: Path) -> dict[Any, Any]:
    """The mapping in a .json or .yaml file.

    Raises:
        CalibrationError: no such file, not readable, not JSON or YAML, or not a mapping.
    """
    missing, remedy = "no such file; calibrate the rig or copy the file there", "recalibrate or mend the file"
    if path.suffix == ".json":
        document = read_json(path, CalibrationError, remedy, missing=missing)
    else:
        document = read_yaml(path, CalibrationError, remedy, _parse, missing=missing)
    if not isinstance(document, dict):
        raise CalibrationError(f"{path}: must hold a mapping, got {type(document).__name__}; recalibrate")
    return document


def child(parent: Any, key: str, path: Path, where: str) -> Any:
    """parent[key]; `where` is the parent's dotted place in the file.

    Raises:
        CalibrationError: the parent is no mapping or has no such key.
    """
    place = f"{where}.{key}" if where else key
    if not isinstance(parent, dict):
        raise CalibrationError(f"{path}: {where}: must be a mapping that has {key}, got {type(parent).__name__}")
    if key not in parent:
        raise CalibrationError(f"{path}: {place}: missing; recalibrate or mend the file")
    return parent[key]


def numbers(values: Any, shape: tuple[int, ...] | None, path: Path, where: str) -> Float:
    """A (nested) list of numbers as float64; with shape None any nesting, flattened.

    Raises:
        CalibrationError: not numbers, ragged, not finite, or another shape.
    """
    try:
        array = np.array(values)
    except (ValueError, OverflowError):
        raise CalibrationError(f"{path}: {where}: rows differ in length; recalibrate or mend the file") from None
    if array.dtype.kind not in "fiu":  # strings and booleans would convert, and hide a slip
        raise CalibrationError(f"{path}: {where}: must be numbers, got {values!r:.80}; recalibrate or mend the file")
    if shape is None:
        array = array.reshape(-1)
    elif array.size == np.prod(shape) and array.squeeze().shape == shape:
        array = array.reshape(shape)  # multical nests: [[x, y, z]] is as good as [x, y, z]
    elif array.shape != shape:
        raise CalibrationError(f"{path}: {where}: must have shape {shape}, got {array.shape}; recalibrate")
    if not np.isfinite(array).all():
        raise CalibrationError(f"{path}: {where}: contains NaN or infinity; recalibrate or mend the file")
    return array.astype(np.float64)
