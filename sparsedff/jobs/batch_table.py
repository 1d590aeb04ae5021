"""The table of a batch: a row a capture, as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from sparsedff.common.atomic import write_file
from sparsedff.errors import RunError
from sparsedff.files.table import read_table

TABLE = "table.csv"
DONE, FAILED = "done", "error"


@dataclass(frozen=True)
class BatchRow:
    """What became of one capture.

    Attributes:
        capture: its folder or name.
        status: done or error.
        run: the folder of its run, in `runs`.
        energy, feature: found, in all and of the feature term.
        gap_mm, penetration_mm: terms of the energy.
        verdict: of the capture's check.
        seconds: from reading to the saved run.
        error: why there is no run.
    """

    capture: str
    status: str
    run: str = ""
    energy: str = ""
    feature: str = ""
    gap_mm: str = ""
    penetration_mm: str = ""
    verdict: str = ""
    seconds: str = ""
    error: str = ""


def read_rows(folder: Path) -> tuple[BatchRow, ...]:
    """Rows of a batch's table; none where there is no table.

    Raises:
        RunError: it is damaged.
    """
    path = folder / TABLE
    if not path.exists():
        return ()
    remedy = "delete it to begin anew; runs stay"
    head, *lines = read_table(path, RunError, remedy) or [[]]
    if head != _columns() or any(len(line) != len(head) for line in lines):
        raise RunError(f"{path}: is no table of a batch; {remedy}")
    return tuple(BatchRow(*line) for line in lines)


def write_rows(folder: Path, rows: Sequence[BatchRow]) -> None:
    """The table, whole or as it was."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _columns(), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: " ".join(value.split()) for key, value in asdict(row).items()} for row in rows)
    write_file(folder / TABLE, text.getvalue())


def _columns() -> list[str]:
    return [field.name for field in fields(BatchRow)]
