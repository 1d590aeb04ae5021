"""Files and folders that appear on disk whole or not at all, even when the process is killed in mid-write.

The rule: write under a hidden sibling name, flush it to the disk, rename. A rename within a folder is atomic on POSIX.
A process that is killed leaves only a hidden `.NAME.*.partial`, which the next write into the same folder removes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sparsedff.common.abandoned import make_locked, remove_abandoned, remove_if_abandoned, unfinished_name


def write_file(path: Path, content: str | bytes) -> None:
    """Replace one file by new content, or leave it as it was.

    Raises:
        OSError: the folder does not exist, the disk is full, ...
    """
    remove_abandoned(path.parent)
    temporary = unfinished_name(path)
    lock = make_locked(temporary, lambda new: new.touch(exist_ok=False))
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        _flush(temporary)
        temporary.replace(path)
    except OSError as error:
        _say_where(error, path)
        raise
    finally:
        temporary.unlink(missing_ok=True)
        os.close(lock)
    _flush(path.parent)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder to fill, renamed to `folder` when the block ends well and removed when it does not.

    Raises:
        FileExistsError: `folder` exists; nothing is ever overwritten.
        OSError: the parent cannot be written to, the disk is full, ...
    """
    folder = Path(folder)
    if os.path.lexists(folder):
        raise FileExistsError(f"{folder} exists")
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(folder.parent)
    temporary = unfinished_name(folder)
    with _filled(temporary, folder, make_locked(temporary, Path.mkdir)):
        yield temporary


@contextmanager
def new_numbered_folder(folder: Path) -> Iterator[tuple[Path, Path]]:
    """As `new_folder`, under the first free name of `folder`, `folder`-2, `folder`-3, ...

    The name is taken from the beginning on: of any number of processes that fill folders of one name at the same time
    each gets a number of its own.

    Yields:
        the temporary folder, and the folder that it becomes.

    Raises:
        OSError: the parent cannot be written to, the disk is full, ...
    """
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(folder.parent)
    final, temporary, lock = _reserve(folder)
    with _filled(temporary, final, lock):
        yield temporary, final


def _reserve(folder: Path) -> tuple[Path, Path, int]:
    """The first free name, its unfinished folder, which only one process can make, and the lock on that."""
    final, number = folder, 1
    while True:
        temporary = unfinished_name(final, hashlib.sha256(final.name.encode()).hexdigest()[:8])
        if not os.path.lexists(final):
            with suppress(FileExistsError):
                lock = make_locked(temporary, Path.mkdir)
                if not os.path.lexists(final):
                    return final, temporary, lock
                temporary.rmdir()  # another process was done with it in the meantime
                os.close(lock)
        if not remove_if_abandoned(temporary) or os.path.lexists(final):
            number += 1
            final = folder.with_name(f"{folder.name}-{number}")


@contextmanager
def _filled(temporary: Path, folder: Path, lock: int) -> Iterator[None]:
    """Rename what the block has filled, or remove it."""
    try:
        yield
        for path in [*temporary.rglob("*"), temporary]:
            _flush(path)
        if os.path.lexists(folder):  # os.rename would silently replace an empty folder
            raise FileExistsError(f"{folder} exists")
        temporary.rename(folder)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, OSError):
            _say_where(error, folder)
        raise
    finally:
        os.close(lock)
    _flush(folder.parent)


def _say_where(error: OSError, path: Path) -> None:
    """A full disk is reported without a name; whoever reads the error needs one."""
    if error.filename is None:
        error.filename = str(path)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
