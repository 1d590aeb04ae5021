"""Files and folders that appear whole: names of one second, what killed writers left, full disks."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sparsedff.common import atomic
from sparsedff.common.atomic import new_folder, new_numbered_folder, write_file
from tests.support.paths import REPOSITORY


def _save(folder: str, start: float, who: int, count: int) -> None:
    while time.time() < start:
        pass
    for number in range(count):
        with new_numbered_folder(Path(folder) / "run") as (building, _):
            (building / "whose").write_text(f"{who} {number}")


def test_saves_of_the_same_name_by_many_processes_are_all_kept(tmp_path: Path) -> None:
    """21 of 300 were lost: two processes chose the same name, and the later one failed when all was computed."""
    context = multiprocessing.get_context("fork")
    start = time.time() + 0.3
    workers = [context.Process(target=_save, args=(str(tmp_path), start, who, 30)) for who in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 6
    assert len(list(tmp_path.iterdir())) == 180
    assert len({(path / "whose").read_text() for path in tmp_path.iterdir()}) == 180


KILLED = """
import sys, time
from pathlib import Path
from sparsedff.common import atomic
folder = Path(sys.argv[1])
atomic._flush = lambda path: (print("half", flush=True), time.sleep(60))
if sys.argv[2] == "file":
    atomic.write_file(folder / "one.npy", b"1" * 1000)
else:
    with atomic.new_numbered_folder(folder / "run") as (building, _):
        (building / "file").write_text("x")
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_writer_left_goes_with_the_next_write_of_any_name(tmp_path: Path, kind: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), kind], cwd=REPOSITORY, stdout=subprocess.PIPE
    )
    assert child.stdout is not None and child.stdout.readline() == b"half\n"
    (unfinished,) = tmp_path.iterdir()
    write_file(tmp_path / "other", "x")
    assert unfinished.exists(), "its writer lives"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    write_file(tmp_path / "other", "y")
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_what_only_looks_like_it_stays(tmp_path: Path) -> None:
    names = [".mine.partial", "mine.12345678.partial", ".mine.1234567g.partial", ".mine.12345678.partial.npz"]
    for name in names:
        (tmp_path / name).write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("mine")
    (tmp_path / ".link.12345678.partial").symlink_to("elsewhere")
    write_file(tmp_path / "other", "x")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*names, "elsewhere", ".link.12345678.partial", "other"}
    assert (tmp_path / "elsewhere" / "file").exists()


def test_a_name_that_ends_at_the_longest_is_written(tmp_path: Path) -> None:
    name = "ä" * 125  # 250 bytes
    write_file(tmp_path / name, "x")
    with new_folder(tmp_path / ("b" * 255)):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {name, "b" * 255}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), OSError("9 requested, 0 written")])
def test_a_full_disk_is_an_error_with_a_name_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def full(*_: Any) -> None:
        raise error

    monkeypatch.setattr(atomic, "_flush", full)
    with pytest.raises(OSError) as caught:
        write_file(tmp_path / "file", "x")
    assert caught.value.filename == str(tmp_path / "file")
    error.filename = None
    with pytest.raises(OSError) as caught, new_folder(tmp_path / "folder"):
        pass
    assert caught.value.filename == str(tmp_path / "folder")
    assert os.listdir(tmp_path) == []
