"""The results file: one CSV to which rows are added as pairs finish, and from which an interrupted run goes on.

A row is one line. A full disk or a power cut may leave half a line, to which an older version appended the next row;
`keep_whole` finds such lines, and what they lack is run again.
"""

from __future__ import annotations

import csv
import logging
import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from sparsedff.common.atomic import write_file
from sparsedff.errors import EvaluationError
from sparsedff.evaluate.row import Row
from sparsedff.files.opened import read_bytes
from sparsedff.runs.claim import claim_folder

log = logging.getLogger(__name__)

RESULTS, BEFORE = "results.csv", "results.before.csv"
_MOST_BYTES = 256 << 20
_TYPES = {"int": int, "float": float, "str": str}
_COLUMNS = tuple(field.name for field in fields(Row))


class ResultsFile:
    """Results of one run in a folder, with the settings that made them beside them.

    Args:
        folder: made if needed; an earlier run's results in it are kept and gone on from.
        settings: what the results depend on.

    Raises:
        EvaluationError: the folder holds results of other settings, or its settings cannot be read.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.path = folder / RESULTS
        claim_folder(folder, settings, EvaluationError)

    def keep_whole(self, pairs: Collection[str]) -> set[tuple[str, str]]:
        """Leave in the file only whole rows of known pairs, and return which they are: names of pair and method.

        Args:
            pairs: the names that there can be; a torn name is none of them.
        """
        if not self.path.exists():
            return set()
        rows, torn = _parse(self.path)
        kept = [row for row in rows if row.pair in pairs]
        lost = len(torn) + len(rows) - len(kept)
        if lost:
            write_file(self.path.with_name(BEFORE), _text(self.path))
            log.warning(
                "%s: %d lines were cut off or not of this suite; what they lack is run again, %s has what was there",
                *(self.path, lost, BEFORE),
            )
        if lost or _head(self.path) != _COLUMNS:  # rows of an older version lack columns that have a default
            write_file(self.path, _lines(kept, head=True))
        return {(row.pair, row.method) for row in kept}

    def add(self, rows: Iterable[Row]) -> None:
        """Append all rows of one pair in one write and flush them: a killed run leaves whole pairs.

        Raises:
            EvaluationError: the disk is full, or the file may not be written to; it is as it was before.
        """
        before = self.path.stat().st_size if self.path.exists() else 0
        try:
            with self.path.open("a", newline="") as file:
                file.write(_lines(rows, head=before == 0))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                os.truncate(self.path, before)
            raise EvaluationError(
                f"{self.path}: a pair's rows cannot be written ({error.strerror}); make room and run this again: all "
                "pairs before it are kept"
            ) from None


def _lines(rows: Iterable[Row], head: bool) -> str:
    """Rows as text, a line each."""
    lines = _Lines()
    writer = csv.DictWriter(lines, _COLUMNS, lineterminator="\n")
    if head:
        writer.writeheader()
    for row in rows:
        values = asdict(row).items()
        writer.writerow({name: " ".join(v.split()) if isinstance(v, str) else v for name, v in values})
    return lines.text


class _Lines:
    """Collects what a csv writer writes, so that it reaches the file in one piece."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)


def read_rows(path: Path) -> tuple[Row, ...]:
    """Rows of a results file, sorted by pair; order of methods within a pair is kept.

    Raises:
        EvaluationError: the file is missing, or not a results file.
    """
    if path.is_dir():
        path = path / RESULTS
    rows, torn = _parse(path)
    if torn:
        raise EvaluationError(
            f"{path}: a line is not a result (line {torn[0]}, cut off or changed); run the same `sparsedff evaluate` "
            "again, which does that pair anew"
        )
    return tuple(sorted(rows, key=lambda row: row.pair))


def _head(path: Path) -> tuple[str, ...]:
    return tuple(_text(path).partition("\n")[0].split(","))


def _text(path: Path) -> str:
    remedy = "give a folder that evaluate wrote"
    missing = f"cannot be read (No such file or directory); {remedy}"
    return read_bytes(path, EvaluationError, remedy, missing=missing, most=_MOST_BYTES).decode(errors="replace")


def _parse(path: Path) -> tuple[list[Row], list[int]]:
    """The whole rows, and the numbers of the lines that are none."""
    head, *lines = _text(path).split("\n")
    rows, torn = [], []
    if lines and lines[-1] == "":
        lines.pop()
    elif lines:
        torn.append(len(lines) + 1)  # without its end even a line that reads well may lack the last digits
        lines.pop()
    columns = _columns(head)
    for number, line in enumerate(lines, start=2):
        row = _row(columns, line)
        if row is None:
            torn.append(number)
        else:
            rows.append(row)
    return rows, sorted(torn)


def _columns(head: str) -> list[str]:
    try:
        return next(csv.reader([head]), [])
    except csv.Error:  # then no line is a result
        return []


def _row(columns: list[str], line: str) -> Row | None:
    """One line as a result, or None."""
    try:
        (values,) = csv.reader([line], strict=True)
        entry = dict(zip(columns, values, strict=True))
        # Older files lack columns that have a default.
        return Row(**{f.name: _TYPES[str(f.type)](entry[f.name]) for f in fields(Row) if f.name in entry})
    except (ValueError, TypeError, csv.Error):
        return None
