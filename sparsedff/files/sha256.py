"""SHA-256 of files and arrays: what results, caches and cards say of their inputs."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sparsedff.common.atomic import write_file
from sparsedff.errors import SparseDFFError
from sparsedff.files.json_file import read_object
from sparsedff.files.opened import MOST_BYTES, Error, opened

_LARGE = 1 << 24  # a file of more bytes has its hash stored beside it
_BLOCK = 1 << 22


def sha256_of_array(array: NDArray) -> str:
    """The hash (hex) of an array's type, shape and content."""
    digest = hashlib.sha256(f"{array.dtype.str}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def sha256_of_file(path: Path, error: Error, remedy: str, *, missing: str | None = None, most: int = MOST_BYTES) -> str:
    """The hash (hex) of a file's content; arguments and errors as of `opened`.

    A large file is read only once. Its hash is stored beside it, with the size and modification time of the file.
    """
    with opened(path, error, remedy, missing=missing, most=most) as file:
        status = os.fstat(file.fileno())
        known = _remembered(path, status) if status.st_size > _LARGE else None
        if known is not None:
            return known
        digest = hashlib.sha256()
        while block := file.read(_BLOCK):
            digest.update(block)
    if status.st_size > _LARGE:
        remember_sha256(path, digest.hexdigest())
    return digest.hexdigest()


def sha256_of_files(paths: Sequence[Path], error: Error, remedy: str) -> str:
    """The hash (hex) of several files' names and contents, whatever their order; arguments and errors as above."""
    together = hashlib.sha256()
    for path in sorted(paths):
        together.update(f"{path.name} {sha256_of_file(path, error, remedy)}\n".encode())
    return together.hexdigest()


def remember_sha256(path: Path, sha256: str) -> None:
    """Store a file's hash beside it. Nothing is stored if the folder cannot be written to."""
    status = path.stat()
    note = {"sha256": sha256, **_state_of(status)}
    with suppress(OSError):
        write_file(_note(path), json.dumps(note) + "\n")


def _remembered(path: Path, status: os.stat_result) -> str | None:
    """The hash that is stored beside a file, if it is that of the file as it is now."""
    with suppress(SparseDFFError):
        note = read_object(_note(path), SparseDFFError, "")
        known = str(note.get("sha256"))
        if note == {"sha256": known, **_state_of(status)} and re.fullmatch("[0-9a-f]{64}", known):
            return known
    return None


def _state_of(status: os.stat_result) -> dict[str, int]:
    """What changes when a file is replaced: a copy may keep size and modification time, never inode and change time."""
    return {
        "size": status.st_size,
        "mtime_ns": status.st_mtime_ns,
        "ctime_ns": status.st_ctime_ns,
        "inode": status.st_ino,
    }


def _note(path: Path) -> Path:
    return path.with_name(f".{path.name}.sha256")
