"""How a command ends: one line for whatever a user can mend, an exit code, and nothing left half done.

Exit codes: 0, what the command returns, 2 for what a user can mend, 128 + N after signal N.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sparsedff.errors import OutputError, SparseDFFError

LONGEST_LINE = 500
"""Characters of an error's line: a name that is taken up into it may be of any length."""
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG}


class Terminated(KeyboardInterrupt):
    """SIGTERM: the command ends as it does after Ctrl-C, with its files put away."""


def ended(work: Callable[[], int], interrupted: str = "interrupted") -> int:
    """Do a command's work; returns the exit code, after a line on stderr where something went wrong.

    Args:
        work: returns an exit code; faults of ours, which a user cannot mend, keep their traceback.
        interrupted: the line after Ctrl-C or SIGTERM.
    """
    try:
        with _sigterm_interrupts():
            _check_working_directory()
            code = work()
            _flush()
            return code
    except BrokenPipeError:  # `| head` has seen enough
        _drop_output()
        return 128 + signal.SIGPIPE
    except OutputError as error:
        _drop_output()
        return _fail(str(error))
    except SparseDFFError as error:
        return _fail(str(error))
    except OSError as error:
        where = error.filename if error.filename is not None else "disk"
        if error.filename is None and error.errno not in _DISK:  # nothing that a user could look at: a fault of ours
            raise
        return _fail(f"{where}: {error.strerror or error.args[0]}; check the path, its rights and the disk")
    except Terminated:
        _say(interrupted)
        return 128 + signal.SIGTERM
    except KeyboardInterrupt:
        _say(interrupted)
        return 128 + signal.SIGINT


def print_all(lines: Iterable[str]) -> int:
    """Print lines as they come; returns what their generator returns where that is an int, else 0.

    Raises:
        OutputError: they cannot be written where they go.
    """
    rest = iter(lines)
    while True:
        try:
            line = next(rest)
        except StopIteration as end:
            return end.value if isinstance(end.value, int) else 0
        with _writing():
            print(line, flush=True)


def error_line(message: str) -> str:
    """A message as the one line that is printed; of a long one the middle is left out, for the remedy is at its end."""
    line = f"error: {' '.join(message.split())}"
    line = line.encode(errors="replace").decode()  # names of files may hold bytes that are no text
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[: LONGEST_LINE - 205]} ... {line[-200:]}"


def _fail(message: str) -> int:
    _say(error_line(message))
    return 2


def _say(line: str) -> None:
    with suppress(OSError):  # stderr is full as well: the exit code is all that is left
        print(line, file=sys.stderr)


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Inside the block SIGTERM raises Terminated; only a process's main thread may arrange that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(number: int, frame: Any) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _check_working_directory() -> None:
    try:
        os.getcwd()
    except FileNotFoundError:
        raise OutputError("the working directory has been deleted; cd to a folder that exists") from None


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"stdout: {reason}; what was said is lost, what was made is kept; make room there") from None


def _flush() -> None:
    with _writing():
        if sys.stdout is not None:
            sys.stdout.flush()


def _drop_output() -> None:
    """Nothing more goes to a stdout that takes nothing; the interpreter would complain on its way out."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
