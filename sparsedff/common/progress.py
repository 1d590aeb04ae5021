"""Progress bars, all of one kind, and log lines that keep out of their way."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tqdm import tqdm

_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)
Listener = Callable[[str, float], None]
"""Told a bar's name and its share done, 0 to 1."""
_TICK_S = 0.5
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def bar(total: float, name: str, unit: str) -> tqdm:
    """A progress bar on a terminal, nothing elsewhere; where a run fails, it makes room for the error's one line."""
    listener = _LISTENER.get()
    if listener is not None:
        return _Heard(listener, total, name)
    layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}{postfix}"
    return tqdm(total=total, desc=f"{name:>9}", unit=unit, bar_format=layout, leave=False, disable=_hidden())


@contextmanager
def working(name: str) -> Iterator[None]:
    """Beside a step that cannot be counted: on a terminal its name and the seconds so far."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(name, 0.0)
    if listener is not None or _hidden():
        yield
        return
    done = threading.Event()
    with tqdm(total=None, desc=f"{name:>9}", bar_format="{desc} ... {elapsed}", leave=False) as shown:

        def tick() -> None:
            while not done.wait(_TICK_S):
                shown.refresh()

        ticking = threading.Thread(target=tick, daemon=True)
        ticking.start()
        try:
            yield
        finally:
            done.set()
            ticking.join()


def _hidden() -> bool:
    """Whether nobody would see a bar: without a terminal its frames would fill a file."""
    return _QUIET.get() or sys.stderr is None or not sys.stderr.isatty()


@contextmanager
def quiet() -> Iterator[None]:
    """Inside the block new bars show nothing: a longer job has a bar of its own."""
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Inside the block new bars tell the listener instead of the terminal; what it raises ends the work."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class _Heard(tqdm):
    """A bar that is shown by somebody else."""

    def __init__(self, listener: Listener, total: float, name: str) -> None:
        super().__init__(total=total, desc=name, disable=True)
        self._listener, self._whole, self._name, self._done = listener, total, name, 0.0

    def update(self, n: float | None = 1) -> bool | None:
        """Some more is done."""
        self._done += n or 0
        self._listener(self._name, min(1.0, self._done / self._whole) if self._whole else 1.0)
        return None


def say(lines: Iterable[str]) -> None:
    """Lines for the user above the progress bars, on stderr."""
    for line in lines:
        tqdm.write(line, file=sys.stderr)


class AboveBars(logging.Handler):
    """Writes log lines to stderr above the progress bars instead of into their line."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record, one line."""
        tqdm.write(self.format(record), file=sys.stderr)
