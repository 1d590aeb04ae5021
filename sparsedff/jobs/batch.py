"""One demonstration carried to many captures: a run each, a table and sheets of pictures of all."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any

from sparsedff.capture.files.lookup import camera_folders
from sparsedff.common.clock import Clock
from sparsedff.common.progress import bar, quiet
from sparsedff.common.schema_text import to_plain
from sparsedff.config.config import Config
from sparsedff.errors import ConfigError, RunError, SparseDFFError
from sparsedff.files.table import read_table
from sparsedff.finished import Finished, save_run
from sparsedff.jobs.batch_table import DONE, FAILED, TABLE, BatchRow, read_rows, write_rows
from sparsedff.pipeline import Reference, carry, distil_reference
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import open_capture, read_demonstration
from sparsedff.prepare.threads import torch_threads
from sparsedff.prepare.writable import check_writable
from sparsedff.runs.claim import claim_folder
from sparsedff.visualize.pictures.contact_sheet import Thumbnail, draw_contact_sheets

RUNS = "runs"


def run_batch(config: Config, captures: Sequence[str], folder: Path, jobs: int = 1) -> Iterator[str]:
    """Carry the demonstration of data1 to every capture that has no run in the folder yet; yields lines.

    A capture that cannot be used becomes a row with its error, and is tried again when the batch is.

    Args:
        config: data1, the pose and all settings; data2 does not matter.
        captures: names or folders.
        folder: of the results.
        jobs: worker processes. Each has the models and the reference, and one thread unless `threads` says more.

    Raises:
        SparseDFFError: the demonstration cannot be used, the folder is another batch's, or it cannot be written to.
    """
    check_writable(folder, "--output")
    config = replace(config, data2=None, output_path=str(folder / RUNS), visualize=False)
    depends = {key: value for key, value in to_plain(config).items() if key not in ("threads", "cache_path")}
    claim_folder(folder, {"config": depends}, RunError)
    rows = {row.capture: row for row in read_rows(folder)}
    todo = [name for name in dict.fromkeys(captures) if name not in rows or rows[name].status != DONE]
    if todo:
        with bar(len(todo), "batch", "capture") as shown:
            for row in _here(config, todo) if jobs == 1 else _in_processes(config, todo, jobs):
                rows[row.capture] = row
                write_rows(folder, list(rows.values()))
                shown.update()
    wanted = [rows[name] for name in dict.fromkeys(captures)]
    done = [row for row in wanted if row.status == DONE]
    sheets = draw_contact_sheets([_thumbnail(folder, row) for row in done], folder) if done else []
    for row in wanted:
        yield f"{row.capture}: " + (f"energy {row.energy}, {row.run}" if row.status == DONE else f"error: {row.error}")
    yield f"done: {len(done)} of {len(wanted)}; table: {folder / TABLE}" + "".join(f"; sheet: {s}" for s in sheets)


def captures_of(words: Sequence[str], list_file: Path | None) -> tuple[str, ...]:
    """The captures that words and the lines of a file name: captures themselves, or folders of captures.

    Raises:
        ConfigError: none is named, or the file cannot be read.
    """
    named = list(words)
    if list_file is not None:
        missing = "no such file; give a text file with a capture in every line"
        lines = read_table(list_file, ConfigError, "give a text file with a capture in every line", missing=missing)
        named += [line[0] for line in lines]
    found: list[str] = []
    for name in named:
        folder = Path(name)
        search = folder.is_dir() and not camera_folders(folder)
        inside = sorted(str(path) for path in folder.iterdir() if camera_folders(path)) if search else []
        found += inside or [name]
    if not found:
        raise ConfigError("batch: no capture is named; give folders, or --list FILE with one in every line")
    return tuple(dict.fromkeys(found))


def make_ready(config: Config) -> Reference:
    """Models, and the distilled reference.

    Raises:
        SparseDFFError: the demonstration cannot be used.
    """
    with quiet(), torch_threads(1):
        reference, pose = open_capture(config.data1, config), read_demonstration(config)
        return distil_reference(config, make_distiller(config), reference, pose, Clock())


def carry_to(shown: Reference, name: str) -> BatchRow:
    """The run of one capture, as a row."""
    clock, config = Clock(), shown.config
    try:
        with quiet(), torch_threads(1):
            with clock.stage("load"):
                capture = open_capture(name, config)
            done = carry(shown, capture, clock)
            run = save_run(Finished(config, (shown.capture, capture), done, shown.distiller, clock))
    except SparseDFFError as error:
        return BatchRow(name, FAILED, error=str(error), seconds=f"{sum(clock.seconds.values()):.1f}")
    terms = done.result.terms
    return BatchRow(
        name,
        DONE,
        run.name,
        f"{done.result.energy:.4f}",
        f"{terms.get('feature', 0.0):.4f}",
        f"{1000 * terms.get('gap', 0.0):.1f}",
        f"{1000 * terms.get('penetration', 0.0):.1f}",
        done.scrutiny.verdict,
        f"{sum(clock.seconds.values()):.1f}",
    )


def _thumbnail(folder: Path, row: BatchRow) -> Thumbnail:
    name = Path(row.capture).name
    return Thumbnail(folder / RUNS / row.run / "result.png", f"{name}  {row.energy}  {row.verdict}")


def _here(config: Config, todo: Sequence[str]) -> Iterator[BatchRow]:
    shown = make_ready(config)
    for name in todo:
        yield carry_to(shown, name)


_ready: list[Reference] = []
"""In a worker process: its own."""


def _begin(config: Config) -> None:
    _ready.append(make_ready(config))


def _work(name: str) -> BatchRow:
    return carry_to(_ready[0], name)


def _in_processes(config: Config, todo: Sequence[str], jobs: int) -> Iterator[BatchRow]:
    make_ready(config)  # what is wrong with the demonstration is said here, and its distillation is in the cache
    config = config if config.threads else replace(config, threads=1)
    context: Any = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(todo)), context, _begin, (config,)) as pool:
        waiting: list[Future[BatchRow]] = [pool.submit(_work, name) for name in todo]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
