"""A background job, one at a time, that reports its progress and can be cancelled."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sparsedff.common.progress import heard
from sparsedff.errors import SparseDFFError, StudioError


@dataclass(frozen=True)
class JobStatus:
    """The state and progress of a job.

    Attributes:
        state: idle, running, done, failed or cancelled.
        stage: what is being done.
        share: of the stage, 0 to 1.
        message: what went wrong, in one line.
    """

    state: str = "idle"
    stage: str = ""
    share: float = 0.0
    message: str = ""


class _Cancelled(Exception):
    """The user has cancelled the job."""


class Job:
    """Runs work that makes a folder, in a thread of its own.

    Args:
        show: told of every change, from the worker's thread.
        finished: told the folder, when it went well.
    """

    def __init__(self, show: Callable[[JobStatus], None], finished: Callable[[Path], None]) -> None:
        self._show, self._finished = show, finished
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether there is work in progress."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, work: Callable[[], Path]) -> None:
        """Start the work.

        Raises:
            StudioError: another piece of work is not done yet.
        """
        if self.running:
            raise StudioError("a transfer is running; wait for it, or cancel it")
        self._stop.clear()
        self._show(JobStatus("running", "begin"))
        self._thread = threading.Thread(target=self._work, args=(work,), daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Cancel the work at its next step; it leaves no files behind."""
        self._stop.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the work to end, at most `timeout` seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _work(self, work: Callable[[], Path]) -> None:
        try:
            with heard(self._listen):
                folder = work()
            self._finished(folder)
            self._show(JobStatus("done", share=1.0))
        except _Cancelled:
            self._show(JobStatus("cancelled"))
        except SparseDFFError as error:
            self._show(JobStatus("failed", message=str(error)))
        except Exception as error:  # a fault of ours must not die unseen in a thread
            logging.getLogger(__name__).error("%s", traceback.format_exc())
            self._show(JobStatus("failed", message=f"{type(error).__name__}: {error}"))

    def _listen(self, stage: str, share: float) -> None:
        if self._stop.is_set():
            raise _Cancelled
        self._show(JobStatus("running", stage, share))
