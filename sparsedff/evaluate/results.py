"""The results file: one CSV to which rows are added as pairs finish, and from which an interrupted run goes on."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

from sparsedff.common.atomic import write_file
from sparsedff.errors import EvaluationError
from sparsedff.evaluate.row import Row

RESULTS, SETTINGS = "results.csv", "settings.json"
_TYPES = {"int": int, "float": float, "str": str}


class ResultsFile:
    """Results of one run in a folder, with the settings that made them beside them.

    Args:
        folder: made if needed; an earlier run's results in it are kept and gone on from.
        settings: what the results depend on.

    Raises:
        EvaluationError: the folder holds results of other settings.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.path = folder / RESULTS
        folder.mkdir(parents=True, exist_ok=True)
        wanted = json.loads(json.dumps(dict(settings)))
        known = folder / SETTINGS
        if known.exists():
            found = json.loads(known.read_text())
            differing = sorted(key for key in {*wanted, *found} if wanted.get(key) != found.get(key))
            if differing:
                raise EvaluationError(
                    f"{known}: this folder holds results of other settings ({', '.join(differing)} differ); "
                    "choose another --output or delete it"
                )
        else:
            write_file(known, json.dumps(wanted, indent=1) + "\n")

    def finished(self) -> set[str]:
        """Names of the pairs whose rows are in the file."""
        return {row.pair for row in read_rows(self.path)} if self.path.exists() else set()

    def add(self, rows: Iterable[Row]) -> None:
        """Append all rows of one pair in one write and flush them: a killed run leaves whole pairs."""
        new = not self.path.exists()
        with self.path.open("a", newline="") as file:
            lines = _Lines()
            writer = csv.DictWriter(lines, [field.name for field in fields(Row)], lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerows(asdict(row) for row in rows)
            file.write(lines.text)
            file.flush()
            os.fsync(file.fileno())


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
    try:
        with path.open(newline="") as file:
            rows = [_row(entry, path) for entry in csv.DictReader(file)]
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror}); give a folder that evaluate wrote") from None
    return tuple(sorted(rows, key=lambda row: row.pair))


def _row(entry: Mapping[str, str], path: Path) -> Row:
    try:
        # Older files lack columns that have a default.
        known = [field for field in fields(Row) if field.name in entry or field.default is MISSING]
        return Row(**{field.name: _TYPES[str(field.type)](entry[field.name]) for field in known})
    except (KeyError, ValueError, TypeError) as error:
        raise EvaluationError(f"{path}: a line is not a result ({error}); delete the file and run again") from None
