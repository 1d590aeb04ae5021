"""Unpack an archive that nobody vouches for: nothing outside the target, no links, no flood."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from sparsedff.common.atomic import new_folder
from sparsedff.downloads.disk import check_room
from sparsedff.errors import DownloadError
from sparsedff.files.opened import opened, reason_of

MAX_BYTES = 32 << 30
"""Unpacked size [bytes] beyond which an archive is refused; the authors' captures are a few GB."""
MAX_FILES = 100_000


def unpack(archive: Path, folder: Path, max_bytes: int = MAX_BYTES, max_files: int = MAX_FILES) -> None:
    """Unpack a .zip into a new folder, whole or not at all.

    Args:
        archive: the file.
        folder: which must not exist.
        max_bytes, max_files: bounds on what comes out.

    Raises:
        DownloadError: no sound archive, too large, or an entry that leads elsewhere; names the entry.
    """
    try:
        with (
            opened(archive, DownloadError, "delete it and run this again") as content,
            zipfile.ZipFile(content) as file,
        ):
            entries = [entry for entry in file.infolist() if not entry.is_dir()]
            for entry in file.infolist():
                _check_name(archive, entry)
            if len(entries) > max_files:
                raise DownloadError(f"{archive}: holds {len(entries):,} files, more than {max_files:,}; not unpacked")
            size = sum(entry.file_size for entry in entries)
            _check_total(archive, size, max_bytes)
            folder.parent.mkdir(parents=True, exist_ok=True)
            check_room(folder.parent, size)
            with new_folder(folder) as building:
                _write_all(file, entries, building, archive, max_bytes)
    except OSError as error:
        raise DownloadError(
            f"{archive}: cannot be unpacked into {folder} ({error.strerror or error}); check rights, names and space"
        ) from None
    except Exception as error:
        if isinstance(error, DownloadError):
            raise
        reason = reason_of(error)  # whatever a decoder comes upon
        raise DownloadError(f"{archive}: is no sound .zip archive ({reason}); delete it and run this again") from None


def _write_all(
    file: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path, archive: Path, max_bytes: int
) -> None:
    written = 0
    for entry in entries:
        path = folder / PurePosixPath(entry.filename)
        if path.exists():
            raise DownloadError(f"{archive}: {entry.filename!r} is in it twice; not unpacked")
        path.parent.mkdir(parents=True, exist_ok=True)
        with file.open(entry) as source, path.open("wb") as target:
            while data := source.read(1 << 20):  # counted: the sizes in the archive's index may be lies
                written += len(data)
                _check_total(archive, written, max_bytes)
                target.write(data)


def _check_total(archive: Path, size: int, limit: int) -> None:
    if size > limit:
        raise DownloadError(f"{archive}: unpacks to more than {limit:,} bytes; not unpacked")


def _check_name(archive: Path, entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    leads_out = path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename
    if leads_out or not path.parts:
        raise DownloadError(f"{archive}: entry {entry.filename!r} leads outside the target folder; not unpacked")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DownloadError(f"{archive}: entry {entry.filename!r} is a link or a device; not unpacked")
