"""Work in the background: progress, failure and giving up, each told on the page."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sparsedff.common.progress import bar
from sparsedff.errors import StudioError, TransferError
from sparsedff.studio.job import Job, JobStatus


class Heard:
    def __init__(self) -> None:
        self.told: list[JobStatus] = []
        self.folders: list[Path] = []
        self.job = Job(self.told.append, self.folders.append)


def work_in_steps(steps: int, folder: Path) -> Path:
    with bar(steps, "optimise", "step") as shown:
        for _ in range(steps):
            shown.update()
    return folder


def test_progress_is_told_and_the_folder_is_handed_on(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    heard = Heard()
    heard.job.start(lambda: work_in_steps(4, tmp_path))
    heard.job.join(20)
    shares = [told.share for told in heard.told if told.stage == "optimise"]
    assert shares == [0.25, 0.5, 0.75, 1.0] and heard.told[-1].state == "done" and heard.folders == [tmp_path]
    assert not heard.job.running and "optimise" not in capsys.readouterr().err  # the terminal has no bar


def test_cancelled_work_ends_at_its_next_step(tmp_path: Path) -> None:
    heard, reached, go_on = Heard(), threading.Event(), threading.Event()

    def work() -> Path:
        with bar(1000, "optimise", "step") as shown:
            for _ in range(1000):
                shown.update()
                reached.set()
                assert go_on.wait(20)
        return tmp_path

    heard.job.start(work)
    assert reached.wait(20) and heard.job.running
    with pytest.raises(StudioError, match="is running"):
        heard.job.start(work)
    heard.job.cancel()
    go_on.set()
    heard.job.join(20)
    assert heard.told[-1].state == "cancelled" and not heard.folders
    heard.job.start(lambda: work_in_steps(1, tmp_path))  # and the next may begin
    heard.job.join(20)
    assert heard.told[-1].state == "done"


@pytest.mark.parametrize("error", [TransferError("what, where, what to do"), ZeroDivisionError("a fault of ours")])
def test_failures_are_told_in_one_line(error: Exception) -> None:
    def work() -> Path:
        raise error

    heard = Heard()
    heard.job.start(work)
    heard.job.join(20)
    assert heard.told[-1].state == "failed" and str(error) in heard.told[-1].message
