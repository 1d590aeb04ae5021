"""Unfinished files and folders: whose they are, and what killed writers left of them.

A writer holds a lock on what it fills, which the system lets go when the process ends, however it ends. What bears the
name of an unfinished write and is not locked is therefore abandoned, and the next writer in the same folder removes it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r"\..+\.[0-9a-f]{8}\.partial", re.DOTALL)
_LONGEST = 180  # bytes of the final name that are repeated in the unfinished one: names end at 255


def unfinished_name(path: Path, identity: str | None = None) -> Path:
    """The hidden sibling that becomes `path`; `identity` is 8 hexadecimal digits, random unless they are given."""
    kept = path.name.encode()[:_LONGEST].decode(errors="ignore")
    return path.with_name(f".{kept}.{identity or uuid.uuid4().hex[:8]}.partial")


def make_locked(path: Path, make: Callable[[Path], None]) -> int:
    """Make an unfinished file or folder and lock it; returns the descriptor that holds the lock until it is closed.

    Args:
        path: of `unfinished_name`.
        make: makes it, and raises FileExistsError if it is there.
    """
    while True:
        make(path)
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:  # taken for abandoned between being made and being locked
            continue
        with suppress(OSError):  # a file system without locks: nobody cleans up there either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.stat(path), os.fstat(descriptor)):
                return descriptor
        os.close(descriptor)  # the same, a moment later


def remove_abandoned(folder: Path) -> None:
    """Remove what killed writers left unfinished in a folder; what a living one fills is locked and stays."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _NAME.fullmatch(path.name):
                remove_if_abandoned(path)


def remove_if_abandoned(path: Path) -> bool:
    """Remove an unfinished file or folder unless a living writer fills it; returns whether it is gone."""
    try:
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            return False
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.lstat(path), os.fstat(descriptor)):  # another has taken the name
            return False
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
        return True
    except FileNotFoundError:  # its writer was just done with it
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
