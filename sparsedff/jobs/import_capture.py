"""A capture of another layout becomes a capture folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sparsedff.capture.facts import facts
from sparsedff.capture.files.capture_folder import save_capture
from sparsedff.capture.plausible import check_plausible
from sparsedff.common.progress import working
from sparsedff.importing.registry import LAYOUTS, layout_of
from sparsedff.importing.settings import Wanted
from sparsedff.importing.table import on_table


def import_capture(source: Path, folder: Path, layout: str, wanted: Wanted, find_table: bool) -> Iterator[str]:
    """Read a source, write it as a capture folder; yields lines as they become true.

    Args:
        source: a folder or a recording.
        folder: of the capture; must not exist.
        layout: its name, or auto.
        wanted: what is said of the source.
        find_table: make the table that the cameras look at the capture's world.

    Raises:
        SparseDFFError: the source cannot be read, its poses are absurd, or the folder exists; nothing is left half
            written.
    """
    name = layout_of(source) if layout == "auto" else layout
    with working("import"):
        capture = LAYOUTS.load(name)(source, wanted)
        if find_table:
            capture = on_table(capture)
        check_plausible(capture.views, str(source))
        save_capture(capture, folder)
    yield f"layout: {name}"
    yield from facts(capture)
    yield f"capture: {folder}; next: sparsedff check {folder}"
