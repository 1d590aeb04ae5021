"""One input: a sound set of files, one of them damaged, read; and what must come of it."""

from __future__ import annotations

import gc
import os
import random
import resource
import shutil
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from sparsedff.errors import SparseDFFError
from tests.fuzz.mutations import damage
from tests.fuzz.targets import TARGETS

LONGEST_LINE = 2000  # of an error as it is raised; the command line prints at most 500 of them
MOST_SECONDS = 10.0
MOST_KB = 1_000_000


@dataclass(frozen=True)
class Outcome:
    """What came of one input.

    Attributes:
        target, seed, how: which input; the first two make it again.
        verdict: `read`, `refused`, or what went wrong.
    """

    target: str
    seed: int
    how: str
    verdict: str

    @property
    def failed(self) -> bool:
        return self.verdict not in ("read", "refused")


def template(target: str, folder: Path) -> Path:
    """The sound files of a target, made once."""
    whole = folder / target.replace(" ", "_")
    if not whole.exists():
        whole.mkdir(parents=True)
        TARGETS[target].make(whole)
    return whole


def attempt(target: str, seed: int, folder: Path) -> Outcome:
    """Damage a copy of the target's files as the seed says, and read it."""
    rng = random.Random(f"{target} {seed}")
    whole, copy = template(target, folder), folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(whole, copy)
    files = sorted(path for path in copy.rglob("*") if path.is_file() and path.suffix != ".png")
    chosen = rng.choice(files)
    how = f"{chosen.relative_to(copy)}: {damage(chosen, rng)}"
    before, begin = _memory(), time.monotonic()
    verdict = _read(target, copy)
    if time.monotonic() - begin > MOST_SECONDS:
        verdict = f"{time.monotonic() - begin:.0f} s"
    if _memory() - before > MOST_KB:
        verdict = f"{(_memory() - before) / 1e6:.1f} GB"
    return Outcome(target, seed, how, verdict)


def _read(target: str, copy: Path) -> str:
    try:
        TARGETS[target].read(copy)
        return "read"
    except SparseDFFError as error:
        said = str(error)
        if TARGETS[target].always:
            return f"refused what is to be made anew: {said[:200]}"
        if type(error) is SparseDFFError or "\n" in said or len(said) > LONGEST_LINE or not said:
            return f"no line for a user: {type(error).__name__} {said[:200]!r}"
        return "refused"
    except Exception as error:
        gc.collect()
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {os.path.basename(place.filename)}:{place.lineno}: {str(error)[:120]!r}"


def _memory() -> int:
    """The most memory that this process has had [kB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
