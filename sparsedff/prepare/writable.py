"""Output that could not be written is refused before it is computed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sparsedff.errors import ConfigError

ROOM_BYTES = 64 << 20
"""Free disk that must be there [bytes]: a run takes a few megabytes, twice while it is being written."""


def check_writable(folder: Path, what: str = "output_path") -> None:
    """Refuse a folder into which nothing could be saved, before it is computed; nothing is made.

    Args:
        folder: which need not exist.
        what: the setting or option that names it, for the error.

    Raises:
        ConfigError: it, or the nearest parent that exists, is a file, a link that leads nowhere or may not be written
            to, a name in it is too long, or the disk is full.
    """
    whole = folder.absolute()
    try:
        nearest = next(path for path in (whole, *whole.parents) if os.path.lexists(path))
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise ConfigError(
                f"{what}: {folder} cannot be made or written to ({nearest} is in the way); choose another"
            )
        if "\0" in str(whole):
            raise ValueError("a zero byte is in it")
        longest = os.pathconf(nearest, "PC_NAME_MAX")
        if any(len(os.fsencode(name)) > longest for name in whole.relative_to(nearest).parts):
            raise ConfigError(f"{what}: {str(folder)[:80]}... has a name of over {longest} bytes; choose another")
        if len(os.fsencode(whole)) + 2 * longest > os.pathconf(nearest, "PC_PATH_MAX"):  # a run's folder and its files
            raise ConfigError(f"{what}: {str(folder)[:80]}... is too long for a path; choose another")
        free = shutil.disk_usage(nearest).free
    except (OSError, ValueError) as error:  # a path that is too long as a whole, or has a zero byte in it
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{what}: {str(folder)[:80]} cannot be made ({reason}); choose another") from None
    if free < ROOM_BYTES:
        raise ConfigError(
            f"{what}: {folder} is on a disk with {free / 1e6:.0f} MB free, {ROOM_BYTES / 1e6:.0f} are needed; make "
            "room or choose another"
        )
