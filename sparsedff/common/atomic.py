"""Files and folders that appear on disk whole or not at all, even when the process is killed in mid-write.

The rule: write under a hidden sibling name, flush it to the disk, rename. A rename within a folder is atomic on POSIX.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SUFFIX = ".partial"


def write_file(path: Path, content: str | bytes) -> None:
    """Replace one file by new content, or leave it as it was.

    Raises:
        OSError: the folder does not exist, the disk is full, ...
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}{_SUFFIX}")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        _flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _flush(path.parent)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder to fill, renamed to `folder` when the block ends well and removed when it does not.

    A process that is killed leaves only a hidden `.NAME.*.partial` beside it; the next call for the same name, which
    sees by the lock that its writer is gone, removes it.

    Raises:
        FileExistsError: `folder` exists; nothing is ever overwritten.
        OSError: the parent cannot be written to, the disk is full, ...
    """
    folder = Path(folder)
    if os.path.lexists(folder):
        raise FileExistsError(f"{folder} exists")
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}{_SUFFIX}")
    temporary.mkdir()
    lock = os.open(temporary, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield temporary
        for path in [*temporary.rglob("*"), temporary]:
            _flush(path)
        if os.path.lexists(folder):  # os.rename would silently replace an empty folder
            raise FileExistsError(f"{folder} exists")
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    finally:
        os.close(lock)
    _flush(folder.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed writers of this folder left; a living writer holds the lock."""
    prefix = f".{folder.name}."
    for leftover in folder.parent.iterdir():
        identity = leftover.name[len(prefix) : -len(_SUFFIX)]
        if not (leftover.name == f"{prefix}{identity}{_SUFFIX}" and len(identity) == 8 and leftover.is_dir()):
            continue
        with suppress(OSError):  # locked by its writer, or removed by another in the meantime
            lock = os.open(leftover, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(leftover)
            finally:
                os.close(lock)
