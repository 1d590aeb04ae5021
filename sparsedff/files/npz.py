"""Arrays by name in .npz files: bounded before anything is unpacked; nothing is ever unpickled."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sparsedff.files.arrays import read_array
from sparsedff.files.opened import Error, decoding, opened

MOST_UNPACKED = 256 << 20
"""Unpacked size [bytes] that a small file may have; a large one may have _RATIO times its own."""
_RATIO = 20
_MOST_ENTRIES = 10_000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_npz(
    path: Path, error: Error, remedy: str, *, missing: str | None = None, only: Collection[str] | None = None
) -> dict[str, NDArray[Any]]:
    """The arrays in a .npz file.

    Args:
        path: the file.
        error: what is raised.
        remedy: what to do about a bad file, for the message.
        missing: what is said of a file that is not there, remedy included; None says "no such file".
        only: read these alone, and those of them that are there.

    Raises:
        SparseDFFError: of the class `error`; the file is missing, truncated, changed, too large when unpacked, or
            holds something else than arrays. The message names the file and the remedy.
    """
    says = "not a readable .npz"
    with opened(path, error, remedy, says, missing=missing) as file, decoding(path, error, remedy, says):
        most = max(MOST_UNPACKED, _RATIO * os.fstat(file.fileno()).st_size)
        arrays = {}
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > most:
                raise ValueError(f"it unpacks to more than {most:,} bytes")
            for entry in entries:
                name = entry.filename.removesuffix(".npy")
                if entry.compress_type not in _METHODS or entry.filename == name or name in arrays:
                    raise ValueError("it holds something else than arrays")
                if only is None or name in only:
                    with archive.open(entry) as stream:
                        arrays[name] = read_array(stream, entry.file_size)
                        if stream.read(1):  # reading to the end is what compares the checksum
                            raise ValueError("an array is followed by something else")
        return arrays
