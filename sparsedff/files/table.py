"""Tables in CSV files of bounded size."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from sparsedff.files.opened import Error, decoding, read_bytes

MOST_BYTES = 64 << 20


def read_table(path: Path, error: Error, remedy: str, *, missing: str | None = None) -> list[list[str]]:
    """The lines of a CSV file that are not empty, as cells without the blanks around them.

    Args:
        path: the file, in UTF-8.
        error: what is raised.
        remedy: what to do about a bad file, for the message.
        missing: what is said of a file that is not there, remedy included; None says "no such file".

    Raises:
        SparseDFFError: of the class `error`; the file is missing, unreadable, too large or no table.
    """
    content = read_bytes(path, error, remedy, missing=missing, most=MOST_BYTES)
    with decoding(path, error, remedy, "cannot be read as a table"):
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        return [[cell.strip() for cell in line] for line in lines if any(line)]
