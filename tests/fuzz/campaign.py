"""Many inputs in processes of their own: one that hangs or crashes ends its process, is noted, and the others go on."""

from __future__ import annotations

import logging
import multiprocessing
import tempfile
import time
import warnings
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from tests.fuzz.targets import TARGETS
from tests.fuzz.trial import Outcome, attempt

PATIENCE_S = 20.0
"""After this a process that is silent is taken for hanging; an input that takes over ten seconds is noted as such."""


def inputs(count: int, first: int = 0) -> list[tuple[str, int]]:
    """(target, seed) of `count` inputs, the targets in turn."""
    names = list(TARGETS)
    return [(names[index % len(names)], first + index // len(names)) for index in range(count)]


def campaign(todo: Sequence[tuple[str, int]]) -> list[Outcome]:
    """The outcomes of all inputs, one after the other."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(todo):
        rest = todo[len(outcomes) :]
        ours, theirs = multiprocessing.Pipe(duplex=False)
        worker = multiprocessing.get_context("fork").Process(target=_work, args=(rest, theirs), daemon=True)
        worker.start()
        theirs.close()
        found = _listen(ours)
        outcomes += found
        if len(found) < len(rest):  # it hangs, or has gone
            hangs = worker.is_alive()
            worker.kill()
            worker.join()
            target, seed = rest[len(found)]
            verdict = f"silent for {PATIENCE_S:.0f} s" if hangs else f"the process ended with {worker.exitcode}"
            outcomes.append(Outcome(target, seed, "", verdict))
        worker.join()
        ours.close()
    return outcomes


def _listen(ours: Connection) -> list[Outcome]:
    found: list[Outcome] = []
    try:
        while ours.poll(PATIENCE_S):
            found.append(ours.recv())
    except EOFError:
        time.sleep(0.1)
    return found


def _work(todo: Sequence[tuple[str, int]], theirs: Connection) -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="sparsedff-fuzz-") as folder:
        for target, seed in todo:
            theirs.send(attempt(target, seed, Path(folder)))
    theirs.close()
