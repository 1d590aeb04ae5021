"""Captures by name: which folders are captures, and which of them a name means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparsedff.capture.files.serials import natural_order
from sparsedff.errors import CaptureError

CAMERA_FILES = ("colors.npy", "depth.npy", "intrinsic.npy", "distortion.npy")


def camera_folders(folder: Path) -> list[str]:
    """Names of the subfolders that hold a camera's files, in natural order; hidden ones are unfinished writes."""
    if not folder.is_dir():
        return []
    candidates = (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return natural_order([path.name for path in candidates if any((path / file).exists() for file in CAMERA_FILES)])


def find_capture(name_or_path: str | Path, search_paths: Sequence[str | Path]) -> Path:
    """The folder of a capture.

    Args:
        name_or_path: a folder, which wins, or a name to look for in each search folder in turn.
        search_paths: folders that hold captures; those that do not exist are passed over.

    Raises:
        CaptureError: found nowhere; lists the names that exist and what would bring the missing one.
    """
    if str(name_or_path) and Path(name_or_path).is_dir():
        return Path(name_or_path)
    name = str(name_or_path)
    if name and Path(name).name == name and name not in (".", ".."):
        for folder in search_paths:
            if (Path(folder) / name).is_dir():
                return Path(folder) / name
    known = sorted({capture for folder in search_paths for capture in _captures_in(Path(folder))})
    there = f"there are: {', '.join(known)}" if known else "there are none"
    searched = ", ".join(map(str, search_paths)) or "no folder"
    raise CaptureError(f"capture {name!r}: no such folder, and not in {searched}, where {there}; {_remedy(name)}")


def _captures_in(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return [path.name for path in folder.iterdir() if not path.name.startswith(".") and camera_folders(path)]


def _remedy(name: str) -> str:
    if name.startswith("20231010_"):
        return "`bash download.sh` brings the authors' 20231010_monkey_* captures"
    return (
        "choose one of these, give a folder's path, record it with `python scripts/capture_3d.py --save`, "
        "or get the authors' 20231010_monkey_* with `bash download.sh`"
    )
