"""Arrays in .npy files, read with every check that untrusted or half-copied files need; nothing is ever unpickled."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from sparsedff.files.arrays import MAGIC, PickledError, read_array
from sparsedff.files.opened import Error, decoding, opened

Shape = tuple[int | None, ...]
"""Lengths of the axes; None stands for any length above 0."""

_SAYS = "not a readable .npy"


def read_npy(
    path: Path,
    error: Error,
    remedy: str,
    *,
    missing: str | None = None,
    shapes: Sequence[Shape] = (),
    kinds: Sequence[str] = "fiu",
    finite: bool = False,
    rule: str | None = None,
) -> NDArray[Any]:
    """The array in a .npy file.

    Args:
        path: the file.
        error: what is raised.
        remedy: what to do about a bad file, for the message.
        missing: what is said of a file that is not there, remedy included; None says "no such file".
        shapes: the allowed shapes; none allows every shape, an empty array too.
        kinds: the allowed types, as NumPy's letters ("fiu": real numbers) or names ("uint8").
        finite: refuse NaN and infinity.
        rule: shape and type in words, as "depth must be (H, W) uint16"; None makes them from `shapes`.

    Raises:
        SparseDFFError: of the class `error`; the file is missing, truncated, pickled, an archive or of another kind,
            or its array of another shape or type, or not finite. The message names the file and the remedy.
    """
    with opened(path, error, remedy, _SAYS, missing=missing) as file, decoding(path, error, remedy, _SAYS):
        is_npy = file.read(len(MAGIC)) == MAGIC
        if not is_npy:
            what = "is no .npy file (empty, cut off, pickled, an archive of arrays or of another kind)"
            raise error(f"{path}: not a readable .npy, it {what}; {remedy}")
        file.seek(0)
        array = _array(path, error, remedy, file)
    right_type = array.dtype.kind in kinds or array.dtype.name in kinds
    if not right_type or (shapes and not any(_fits(array.shape, shape) for shape in shapes)):
        raise error(f"{path}: {rule or _rule(shapes)}, got {array.shape} {array.dtype}; {remedy}")
    if finite and not np.isfinite(array).all():
        raise error(f"{path}: contains NaN or infinity; {remedy}")
    return np.asarray(array)


def _array(path: Path, error: Error, remedy: str, file: IO[bytes]) -> NDArray[Any]:
    try:
        return read_array(file, os.fstat(file.fileno()).st_size)
    except PickledError:
        what = "holds pickled objects, which are never loaded"
    except Exception:  # whatever NumPy's parser comes upon; its own words help nobody
        what = "is truncated or damaged"
    raise error(f"{path}: not a readable .npy, it {what}; {remedy}")


def _fits(found: tuple[int, ...], wanted: Shape) -> bool:
    return len(found) == len(wanted) and all(
        length > 0 and want in (None, length) for length, want in zip(found, wanted, strict=True)
    )


def _rule(shapes: Sequence[Shape]) -> str:
    words = [f"({', '.join('n' if length is None else str(length) for length in shape)})" for shape in shapes]
    return "must hold real numbers" + (f" of shape {' or '.join(words)}" if words else "")
