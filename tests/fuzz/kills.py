"""Writers that are killed at any moment: what they had finished is whole, and the next write leaves no litter."""

from __future__ import annotations

import logging
import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sparsedff.distill.cache import cached
from sparsedff.distill.cached_forms import CLOUD
from sparsedff.evaluate.results import ResultsFile, read_rows
from sparsedff.hands.pose import load_reference_pose, save_reference_pose
from sparsedff.hands.shadow.joints import SHADOW_JOINTS
from sparsedff.refine.state import TrainingProgress, restore_state, save_state
from sparsedff.runs.write import run_folder
from tests.fuzz.targets import METHODS, RECIPE, ROW, _training, cloud, make_run, read_run
from tests.support.captures import make_capture
from tests.support.hand_oracle import random_pose

CAPTURE = make_capture(2)


def write_pose(folder: Path, number: int) -> None:
    save_reference_pose(random_pose(number), folder / f"ref_pose_{number % 3}.npy")


def write_run(folder: Path, number: int) -> None:
    with run_folder(folder, f"kill{number}") as (building, _):
        make_run(building)


def write_cache(folder: Path, number: int) -> None:
    cached(folder, CAPTURE, {"scale": number}, CLOUD, cloud)


def write_rows(folder: Path, number: int) -> None:
    file = ResultsFile(folder, {})
    file.keep_whole([f"mug-{i}" for i in range(100_000)])
    file.add(Row for Row in (type(ROW)(**{**vars(ROW), "pair": f"mug-{number}", "method": m}) for m in METHODS))


def write_state(folder: Path, number: int) -> None:
    network, optimiser, generator = _training()
    save_state(folder / "training.pt", TrainingProgress(number), network, optimiser, generator, RECIPE)


def check_poses(folder: Path) -> int:
    return len([load_reference_pose(path, SHADOW_JOINTS) for path in folder.glob("*.npy")])


def check_runs(folder: Path) -> int:
    runs = [path for path in folder.iterdir() if not path.name.startswith(".")]
    for path in runs:
        read_run(path)
    return len(runs)


def check_cache(folder: Path) -> int:
    for path in folder.glob("*.npz"):
        assert path.stat().st_size > 1000
    return len(list(folder.glob("*.npz")))


def check_rows(folder: Path) -> int:
    return len(read_rows(folder)) // len(METHODS)


def check_state(folder: Path) -> int:
    network, optimiser, generator = _training()
    return restore_state(folder / "training.pt", network, optimiser, generator, RECIPE).step


WRITERS: Mapping[str, tuple[Callable[[Path, int], None], Callable[[Path], int]]] = {
    "poses": (write_pose, check_poses),
    "runs": (write_run, check_runs),
    "cache": (write_cache, check_cache),
    "evaluation tables": (write_rows, check_rows),
    "training states": (write_state, check_state),
}


def kill(folder: Path, count: int, seed: int = 0) -> tuple[list[str], int]:
    """Kill writers `count` times; returns what was found damaged or left over, and how many kills hit a write."""
    logging.disable(logging.CRITICAL)
    rng, interrupted = random.Random(seed), 0
    faults: list[str] = []
    seen: set[Path] = set()  # what is left over stays: it counts once
    try:
        for number in range(count):
            name = list(WRITERS)[number % len(WRITERS)]
            place = folder / name.replace(" ", "_")
            place.mkdir(exist_ok=True)
            write, check = WRITERS[name]
            write(place, 1000 * number)  # at least one thing is whole
            _killed(lambda place=place, write=write, number=number: _writes(write, place, number), rng)
            interrupted += bool(_litter(place))
            try:
                write(place, 1000 * number + 999)
                assert check(place) > 0
            except Exception as error:
                faults.append(f"{name}, kill {number}: {type(error).__name__}: {error}")
            faults += [
                f"{name}, kill {number}: {path.name} is left over" for path in _litter(place) if path not in seen
            ]
            seen.update(_litter(place))
    finally:
        logging.disable(logging.NOTSET)
    return faults, interrupted


def _writes(write: Callable[[Path, int], None], place: Path, number: int) -> None:
    for index in range(1, 998):
        write(place, 1000 * number + index)


def _killed(work: Callable[[], None], rng: random.Random) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(rng.uniform(0.005, 0.12))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _litter(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".*") if path.name not in (".", "..")]
