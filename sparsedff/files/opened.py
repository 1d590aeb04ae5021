"""What all readers share: regular files of bounded size only, and every fault of a decoder as one line."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sparsedff.errors import SparseDFFError

MOST_BYTES = 16 << 30
"""Size [bytes] beyond which no file is read."""
_LONGEST_REASON = 160

Error = type[SparseDFFError]


@contextmanager
def opened(
    path: Path,
    error: Error,
    remedy: str,
    says: str = "cannot be read",
    *,
    missing: str | None = None,
    most: int = MOST_BYTES,
) -> Iterator[BinaryIO]:
    """The file, open for reading. A pipe or a device is refused instead of waited for.

    Args:
        path: the file; links are followed.
        error: what is raised.
        remedy: what to do about a bad file, for the message.
        says: what is said of a file that is there and cannot be opened.
        missing: what is said of a file that is not there, remedy included; None says "no such file".
        most: the largest size that is read [bytes].

    Raises:
        SparseDFFError: of the class `error`; the file is missing, unreadable, no regular file or too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe nobody writes to must not be waited for
    except FileNotFoundError:
        raise error(f"{path}: {missing or f'no such file; {remedy}'}") from None
    except (OSError, ValueError) as refused:  # ValueError: a zero byte in the name
        reason = getattr(refused, "strerror", None) or str(refused)
        raise error(f"{path}: {says} ({reason}); {remedy}") from None
    fault = _fault_of(os.fstat(descriptor), most)
    if fault is not None:
        os.close(descriptor)
        raise error(f"{path}: {says} ({fault}); {remedy}")
    with os.fdopen(descriptor, "rb") as file:
        yield file


def _fault_of(status: os.stat_result, most: int) -> str | None:
    if stat.S_ISDIR(status.st_mode):
        return os.strerror(errno.EISDIR)
    if not stat.S_ISREG(status.st_mode):
        return "it is a pipe or a device"
    return f"{status.st_size:,} bytes, {most:,} at most" if status.st_size > most else None


@contextmanager
def decoding(path: Path, error: Error, remedy: str, says: str) -> Iterator[None]:
    """Whatever a decoder raises in the block becomes one line.

    Decoders raise what they come upon: IndexError, zlib.error, TokenError, RecursionError, MemoryError, ... No list of
    them stays complete, so the block should hold the decoder's call and nothing else. The toolkit's own error that
    names the file already stays as it is.

    Args:
        path, error, remedy: as of `opened`.
        says: what is said of a file that cannot be decoded, as "is not valid JSON".

    Raises:
        SparseDFFError: of the class `error`; names file, reason and remedy.
    """
    try:
        yield
    except Exception as fault:
        if isinstance(fault, SparseDFFError) and str(fault).startswith(f"{path}:"):
            raise
        raise error(f"{path}: {says} ({reason_of(fault)}); {remedy}") from None


def read_bytes(path: Path, error: Error, remedy: str, *, missing: str | None = None, most: int = MOST_BYTES) -> bytes:
    """The whole content of a file; arguments and errors as of `opened`."""
    says = "cannot be read"
    with opened(path, error, remedy, says, missing=missing, most=most) as file, decoding(path, error, remedy, says):
        return file.read(most)  # no more, even if it has grown in the meantime


def reason_of(fault: BaseException) -> str:
    """What an exception says, short, printable and on one line."""
    words = " ".join(str(fault).split()) or type(fault).__name__
    shown = "".join(sign if sign.isprintable() else "?" for sign in words)
    return shown if len(shown) <= _LONGEST_REASON else f"{shown[:_LONGEST_REASON]}..."
