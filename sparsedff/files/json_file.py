"""JSON files of bounded size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sparsedff.files.opened import Error, decoding, read_bytes

MOST_BYTES = 16 << 20


def read_json(path: Path, error: Error, remedy: str, *, missing: str | None = None) -> Any:
    """The value in a JSON file.

    Args:
        path: the file.
        error: what is raised.
        remedy: what to do about a bad file, for the message.
        missing: what is said of a file that is not there, remedy included; None says "no such file".

    Raises:
        SparseDFFError: of the class `error`; the file is missing, unreadable, too large or no JSON in UTF-8.
    """
    content = read_bytes(path, error, remedy, missing=missing, most=MOST_BYTES)
    with decoding(path, error, remedy, "is not valid JSON"):
        return json.loads(content.decode("utf-8"))


def read_object(path: Path, error: Error, remedy: str, *, missing: str | None = None) -> dict[str, Any]:
    """The object in a JSON file; arguments and errors as of `read_json`, and any other value is an error too."""
    content = read_json(path, error, remedy, missing=missing)
    if not isinstance(content, dict):
        raise error(f"{path}: must hold an object of JSON; {remedy}")
    return content
