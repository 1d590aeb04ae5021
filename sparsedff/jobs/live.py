"""Capture now, transfer at once: once, or at each press of a key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sparsedff.common.keys import ENTER
from sparsedff.config.config import Config
from sparsedff.errors import CameraError, SparseDFFError
from sparsedff.jobs.session import Outcome, Session

QUIT = "q"
_KEYS = (ENTER, "\r", " ")


def transfer_now(config: Config) -> Outcome:
    """Capture the test scene while the reference is being distilled, and transfer to it.

    Raises:
        SparseDFFError: anything the user can mend; nothing is left half written.
    """
    with Session(config, at_once=True) as session:
        return session.transfer()


def once(config: Config) -> Iterator[str]:
    """The same as a job: yields what was made."""
    yield from _lines(transfer_now(config))


def loop(config: Config, keys: Iterable[str]) -> Iterator[str]:
    """One transfer at each press of Enter, until Q; yields lines as they become true.

    A scene that cannot be used is said, and the next press tries again; a camera that fails ends the loop.

    Raises:
        SparseDFFError: on starting, or when a camera fails.
    """
    with Session(config) as session:
        yield "ready; Enter captures and transfers, Q ends"
        for key in keys:
            if key == QUIT:
                return
            if key not in _KEYS:
                continue
            try:
                yield from _lines(session.transfer())
            except CameraError:
                raise
            except SparseDFFError as error:
                yield f"error: {error}"


def _lines(outcome: Outcome) -> list[str]:
    return [
        f"capture: {outcome.capture}",
        f"result: {outcome.run}",
        f"picture: {outcome.run / 'result.png'}",
        f"from shutter to pose: {outcome.seconds:.1f} s",
    ]
