"""Progress bars, all of one kind, and log lines that keep out of their way."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tqdm import tqdm

_QUIET: ContextVar[bool] = ContextVar("quiet", default=False)


def bar(total: float, name: str, unit: str) -> tqdm:
    """A progress bar; where a run fails, it makes room for the error's one line."""
    layout = "{desc} {percentage:3.0f}% |{bar}| {elapsed}<{remaining}{postfix}"
    return tqdm(total=total, desc=f"{name:>9}", unit=unit, bar_format=layout, leave=False, disable=_QUIET.get())


@contextmanager
def quiet() -> Iterator[None]:
    """Inside the block new bars show nothing: a longer job has a bar of its own."""
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


class AboveBars(logging.Handler):
    """Writes log lines to stderr above the progress bars instead of into their line."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record, one line."""
        tqdm.write(self.format(record), file=sys.stderr)
