"""YAML of bounded size, depth and expansion. Aliases let a kilobyte stand for gigabytes; brackets exhaust the stack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from sparsedff.files.opened import Error, decoding, read_bytes

MOST_BYTES = 256 << 10
MOST_NODES = 20_000
"""Values of a document with its aliases written out; a rig of a hundred cameras has some thousand."""
MOST_DEPTH = 50


def read_yaml(
    path: Path, error: Error, remedy: str, construct: Callable[[str], Any], *, missing: str | None = None
) -> Any:
    """What `construct` makes of the text of a YAML file.

    Args:
        path: the file.
        error: what is raised.
        remedy: what to do about a bad file, for the message.
        construct: parses the text, safely, once its bounds are known.
        missing: what is said of a file that is not there, remedy included; None says "no such file".

    Raises:
        SparseDFFError: of the class `error`; the file is missing, unreadable, too large or no YAML in UTF-8.
    """
    content = read_bytes(path, error, remedy, missing=missing, most=MOST_BYTES)
    with decoding(path, error, remedy, "is not valid YAML"):
        text = content.decode("utf-8")
        check_bounds(text)
        return construct(text)


def check_bounds(text: str) -> None:
    """Refuse a document that would be too large or too deep once it is parsed.

    Only the events of the parser are looked at, which keeps no stack of its own for them.

    Raises:
        ValueError: it is; says how.
        yaml.YAMLError: the text is no YAML.
    """
    if len(text) > MOST_BYTES:
        raise ValueError(f"over {MOST_BYTES:,} characters")
    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []  # anchor, and how many values came before it
    total = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise ValueError(f"alias {str(event.anchor)[:40]!r} stands inside of what it repeats, or before it")
            total += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if event.anchor is not None:
                sizes[event.anchor] = 1
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            open_nodes.append((event.anchor, total))
            sizes.pop(event.anchor or "", None)
            total += 1
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            anchor, before = open_nodes.pop()
            if anchor is not None:
                sizes[anchor] = total - before
        if len(open_nodes) > MOST_DEPTH:
            raise ValueError(f"more than {MOST_DEPTH} levels")
        if total > MOST_NODES:
            raise ValueError(f"more than {MOST_NODES:,} values with its aliases written out")
