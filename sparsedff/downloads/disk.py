"""Whether something fits on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

from sparsedff.errors import DownloadError

MARGIN = 64 << 20
"""Free disk [bytes] that a download leaves alone."""


def check_room(folder: Path, needed: int) -> None:
    """Refuse what does not fit on the disk.

    Args:
        folder: which exists and is written to.
        needed: [bytes].

    Raises:
        DownloadError: too little is free.
    """
    free = shutil.disk_usage(folder).free
    if needed + MARGIN > free:
        raise DownloadError(
            f"{folder}: needs {needed:,} bytes of disk, {free:,} are free; make room and run this again"
        )
