"""Which camera of a calibration is which device: rig.yaml, or the order of the camera folders' names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sparsedff.capture.files.entries import child, read_document
from sparsedff.errors import CalibrationError

SERIALS = "rig.yaml"


def is_folder_name(serial: object) -> bool:
    """Whether a serial can name a camera's folder: one visible name, no path."""
    return isinstance(serial, str) and re.fullmatch(r"[^./\\\s][^/\\\0\n]*", serial) is not None


def natural_order(names: Sequence[str]) -> list[str]:
    """Names sorted so that cam10 comes after cam9."""
    pieces = {name: [(int(p), p) if p.isdecimal() else (-1, p) for p in re.split(r"(\d+)", name)] for name in names}
    return sorted(names, key=lambda name: (pieces[name], name))


def read_serials(folder: Path) -> dict[str, str] | None:
    """Camera name -> serial from a folder's rig.yaml; None where there is none.

    Raises:
        CalibrationError: the file is malformed, or two cameras share a serial.
    """
    path = Path(folder) / SERIALS
    if not path.exists():
        return None
    serials = child(read_document(path), "serials", path, "")
    if not isinstance(serials, dict) or not serials:
        raise CalibrationError(f'{path}: serials: must map camera names to serials, such as cam0: "000299113912"')
    for name, serial in serials.items():
        # An unquoted 000299113912 is a number to YAML and has lost its zeros (or was read as octal): never guess.
        if not isinstance(name, str) or not is_folder_name(serial):
            raise CalibrationError(f"{path}: serials.{name}: must be a folder name in quotes, got {serial!r}")
    if len(set(serials.values())) != len(serials):
        raise CalibrationError(f"{path}: serials: two cameras share a serial: {list(serials.values())}")
    return serials


def in_order(names: list[str], serials: Sequence[str] | None, path: Path) -> dict[str, str]:
    """Assign serials, in natural order, to camera names in theirs; without serials a camera's name is its serial.

    Raises:
        CalibrationError: the counts differ, so that any assignment would be a guess; names the calibration `path`.
    """
    names = natural_order(names)
    if serials is None:
        return dict(zip(names, names, strict=True))
    if len(serials) != len(names):
        raise CalibrationError(
            f"{path}: calibrates {len(names)} cameras but there are {len(serials)} camera folders "
            f"({', '.join(serials)}); restore the missing folder, or write a rig.yaml that says which serial is which"
        )
    return dict(zip(names, natural_order(serials), strict=True))
