"""One array in NumPy's .npy layout out of a stream of known length; nothing is unpickled."""

from __future__ import annotations

import math
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

MAGIC = b"\x93NUMPY"
_PICKLED = "Object arrays"


class PickledError(ValueError):
    """An array of Python objects, which only unpickling could read."""


def read_array(stream: IO[bytes], length: int) -> NDArray[Any]:
    """The array, whose header must agree with the bytes that are there.

    Args:
        stream: at the array's begin.
        length: how many bytes it has from there on.

    Raises:
        PickledError: it holds objects.
        Exception: whatever NumPy's parser comes upon; the caller says which file it was.
    """
    version = npy_format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = npy_format.read_array_header_1_0(stream)
        head = 2
    elif version == (2, 0):
        shape, fortran, dtype = npy_format.read_array_header_2_0(stream)
        head = 4
    else:
        raise ValueError(f"version {version} of the format")
    if dtype.hasobject:
        raise PickledError(_PICKLED)
    if any(axis < 0 for axis in shape):
        raise ValueError("a negative length")
    count = math.prod(shape)
    size = count * dtype.itemsize
    left = length - len(MAGIC) - 2 - head
    if size > left or count > left or len(shape) > 32:  # count: types of no bytes
        raise ValueError(f"{size:,} bytes are announced, at most {left:,} are there")
    flat = np.empty(count, dtype)
    fill(stream, flat)
    return flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)


def fill(stream: IO[bytes], flat: NDArray[Any]) -> None:
    """Fill an array (N,) from a stream.

    Raises:
        EOFError: the stream ends before.
    """
    if flat.nbytes == 0:
        return
    wanted = flat.view(np.uint8).data
    while len(wanted):
        piece = stream.read(min(len(wanted), 1 << 24))
        if not piece:
            raise EOFError("the data end before the array does")
        wanted[: len(piece)] = piece
        wanted = wanted[len(piece) :]
