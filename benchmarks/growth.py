"""Does a process grow? Memory after many pairs, and after many steps of one optimisation.

    python -m benchmarks.growth [--pairs 200] [--iterations 10000]     about an hour and a half of one core
    python -m benchmarks.growth --pairs 20 --iterations 1000           the short form

A pair is what `sparsedff evaluate` runs in a process: scenes are rendered, distilled and a grasp is transferred. The
first tenth is left out: caches that have a limit fill up there. Growth is the slope of a line through the rest.
"""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from sparsedff.common.console import print_lines
from sparsedff.common.progress import quiet
from sparsedff.config.config import Config, load_config
from sparsedff.evaluate.pair import one_thread, pose_problem
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.pipeline import transfer_clouds
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks
from sparsedff.synthetic.held_out import training_families
from sparsedff.synthetic.pair_settings import PairSettings

STATM = Path("/proc/self/statm")
MB = 1 << 20


def resident() -> float:
    """Memory of this process that lies in RAM [MB]; what is only waiting to be collected does not count."""
    gc.collect()
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB


def slope(memory: list[float]) -> float:
    """MB a step, by least squares, without the first tenth."""
    rest = np.array(memory[max(1, len(memory) // 10) :])
    return float(np.polyfit(np.arange(len(rest)), rest, 1)[0]) if len(rest) > 1 else float("nan")


def specs(count: int, width_px: int) -> Iterator[PairSpec]:
    """So many pairs, the families in turn."""
    tasks = list(committed_tasks(training_families()).items())
    for number in range(count):
        family, names = tasks[number % len(tasks)]
        yield PairSpec(family, names[number % len(names)], "same_family", 400 + number, PairSettings(width_px=width_px))


def transferred(spec: PairSpec, config: Config) -> None:
    """One pair, start to end."""
    _, problem = pose_problem(spec, config)
    clouds = problem.distiller.features(problem.raw)
    transfer_clouds(problem.config, clouds, problem.raw[1].points, problem.demonstration, problem.others)


def report(options: argparse.Namespace) -> Iterator[str]:
    """A line every tenth of the pairs, then the slopes."""
    config = load_config("configs/config.yaml", ["img_preprocess=[physics,physics]", "cache_path=null"])
    memory, every = [], max(1, options.pairs // 10)
    with one_thread(), quiet():
        for number, spec in enumerate(specs(options.pairs, options.width)):
            transferred(spec, config)
            memory.append(resident())
            if (number + 1) % every == 0:
                yield f"after {number + 1} pairs: {memory[-1]:.0f} MB"
        yield f"| {options.pairs} pairs in one process | {slope(memory):.2f} MB a pair, {max(memory):.0f} MB at most |"
        if options.iterations:
            alignment = replace(config.alignment, opt_iterations=options.iterations)
            before = resident()
            transferred(next(specs(1, options.width)), replace(config, alignment=alignment))
            yield f"| {options.iterations} iterations | {resident() - before:.0f} MB left afterwards |"


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--iterations", type=int, default=10_000, help="of one optimisation; 0 leaves it out")
    parser.add_argument("--width", type=int, default=640, help="of the images [px]")
    return print_lines(report(parser.parse_args()))


if __name__ == "__main__":
    raise SystemExit(main())
