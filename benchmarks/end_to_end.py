"""What a person waits for: `python -m benchmarks.end_to_end [--runs 5] [--only cold,warm,optimiser]`.

Cold: the wall time of the whole command, from the start of its process to result.json, with everything distilled
already. Warm: `transfer --loop` with the simulated camera, from shutter to pose, the models and the reference ready.
Stages are those that result.json states. Each on one thread and on all, the runs in turns, medians with least and most.

Optimiser: the published schedule (ten starts, 300 steps, weights 1 / d^2, `configs/release.yaml`) with the published
formulation of the field, all distances at once and autograd through them, against ours, on the same clouds in this
process; and when the lowest energy of ours, in the published energy, is at most the lowest of the published one.
Seconds are worth something on an idle machine only; its load is stated.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.field import published
from sparsedff.common.console import print_lines
from sparsedff.common.progress import quiet
from sparsedff.config.config import Config, load_config
from sparsedff.jobs.session import Session
from sparsedff.pipeline import compute
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import make_hand, read_inputs
from sparsedff.prepare.threads import torch_threads
from sparsedff.transfer.energy import Energy
from sparsedff.transfer.fields import field_of
from sparsedff.transfer.free_variables import FreeVariables
from sparsedff.transfer.optimise import optimise
from sparsedff.transfer.starts import Starts, make_starts
from sparsedff.transfer.terms.base import Goal
from sparsedff.transfer.transfer import make_energy

KITCHEN = Path("../shared/data/kitchen")
SCENES: dict[str, list[str]] = {
    "sample": [],
    "kitchen": [
        f"data1={KITCHEN / 'white_mug_reference'}",
        f"data2={KITCHEN / 'white_mug_moved'}",
        f"hand_ref_pose_name={KITCHEN / 'ref_pose_mug.npy'}",
        "workspace.x=[-0.19,0.19]",
        "workspace.y=[-0.19,0.19]",
        "workspace.z=[0.0,0.2]",
    ],
}
STAGES = ("load", "reference", "distil", "features", "optimise", "save", "picture")


@dataclass(frozen=True)
class Spread:
    """Seconds of some runs."""

    values: tuple[float, ...]

    def __str__(self) -> str:
        return f"{np.median(self.values):.2f} ({min(self.values):.2f} to {max(self.values):.2f})"


def cold(overrides: list[str], runs: int) -> dict[str, dict[str, Spread]]:
    """Wall seconds of the command and of its stages, by number of threads; the first run fills the cache."""
    found: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as place:
        words = [*overrides, f"output_path={place}/runs", f"cache_path={place}/cache"]
        _command(words)
        for _ in range(runs):
            for name, more in _threads().items():
                wall, stages = _command([*words, *more])
                for stage, seconds in {"whole command": wall, **stages}.items():
                    found.setdefault(name, {}).setdefault(stage, []).append(seconds)
    return {name: {stage: Spread(tuple(s)) for stage, s in each.items()} for name, each in found.items()}


def _threads() -> dict[str, list[str]]:
    return {"one thread": ["threads=1"], f"all {os.cpu_count()} cores": []}


def _command(words: list[str]) -> tuple[float, dict[str, float]]:
    begin = time.perf_counter()
    command = [sys.executable, "scripts/unified_optimize.py", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall = time.perf_counter() - begin
    folder = next(line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("result:"))
    return wall, json.loads((Path(folder) / "result.json").read_text())["seconds"]


def warm(runs: int) -> dict[str, Spread]:
    """Seconds from shutter to pose with the simulated camera, by number of threads, after a first shot."""
    found = {}
    for name, more in _threads().items():
        with tempfile.TemporaryDirectory() as place:
            changes = ["data2=null", "camera.source=simulated", f"camera.capture_path={place}/captures", *more]
            config = load_config("configs/config.yaml", [*changes, f"output_path={place}/runs", "cache_path=null"])
            with quiet(), Session(config) as session:
                session.transfer()
                found[name] = Spread(tuple(session.transfer().seconds for _ in range(runs)))
    return found


def against_published(overrides: list[str]) -> Iterator[str]:
    """The published schedule with either formulation, and ours as it is configured."""
    release = load_config("configs/release.yaml", [*overrides, "cache_path=null"])
    ours = load_config("configs/config.yaml", [*overrides, "cache_path=null"])
    inputs = read_inputs(ours)
    with quiet(), torch_threads(1):
        done = compute(ours, inputs, make_distiller(ours))
    hand, shown = make_hand(ours), inputs.demonstration
    fields = [field_of(cloud, hand, release.field) for cloud in done.clouds]
    energy = make_energy(hand, (fields[0], fields[1]), shown, done.scenes[1].cloud.points, release.alignment)
    starts = make_starts(done.clouds, shown, hand.surface_of(shown), release.alignment, release.seed)
    with torch_threads(os.cpu_count() or 1):
        theirs_s, theirs_lowest = _published_run(release, energy.goal, starts)
    yield f"published formulation, its schedule: {theirs_s:.1f} s, lowest feature energy {theirs_lowest:.4f}"
    with torch_threads(1):
        begin = time.perf_counter()
        optimise(energy, starts, release.alignment, torch.Generator().manual_seed(release.seed))
        same_s = time.perf_counter() - begin
        yield f"ours, the same schedule: {same_s:.2f} s, ratio {theirs_s / same_s:.1f}"
        own_starts = make_starts(done.clouds, shown, hand.surface_of(shown), ours.alignment, ours.seed)
        reached_s, whole_s = _until(ours, energy, own_starts, theirs_lowest)
    yield (
        f"ours as configured, in the published energy: reaches {theirs_lowest:.4f} after {reached_s:.2f} s "
        f"(ratio {theirs_s / reached_s:.0f}), ends after {whole_s:.2f} s (ratio {theirs_s / whole_s:.0f})"
    )


def _published_run(config: Config, goal: Goal, starts: Starts) -> tuple[float, float]:
    """Seconds and lowest feature energy of the published formulation: every distance at once, plain autograd, Adam."""
    hand, field, targets = goal.hand, goal.field, goal.targets
    features = field.coefficients if field.basis is None else field.coefficients @ field.basis
    variables = FreeVariables(starts.poses, hand, config.alignment)
    lowest, begin = float("inf"), time.perf_counter()
    for step in range(config.alignment.opt_iterations):
        variables.clear()
        translation, rotation, joints = variables.decoded()
        surface = hand.surface(hand.world_from_links(translation, rotation, joints))
        energy, gradient = published(field.points, features, surface.detach(), targets)
        surface.backward(gradient)
        lowest = min(lowest, float(energy.min()))
        variables.advance(step)
    return time.perf_counter() - begin, lowest


class Watched(Energy):
    """Notes when the lowest feature energy is at most `wanted`."""

    wanted: float
    reached_s: float | None
    begin_s: float

    def total(self, terms: Mapping[str, Tensor]) -> Tensor:
        """As ever."""
        if self.reached_s is None and float(terms["feature"].detach().min()) <= self.wanted:
            object.__setattr__(self, "reached_s", time.perf_counter() - self.begin_s)
        return super().total(terms)


def _until(config: Config, energy: Energy, starts: Starts, wanted: float) -> tuple[float, float]:
    """Seconds until our optimiser's lowest published feature energy is at most `wanted`, and of the whole."""
    watched = Watched(energy.goal, energy.weights)
    for name, value in (("wanted", wanted), ("reached_s", None), ("begin_s", time.perf_counter())):
        object.__setattr__(watched, name, value)
    optimise(watched, starts, config.alignment, torch.Generator().manual_seed(config.seed))
    return watched.reached_s or float("nan"), time.perf_counter() - watched.begin_s


def lines(options: argparse.Namespace) -> Iterator[str]:
    """All that was asked for, as lines of Markdown."""
    only = set(options.only.split(","))
    load = os.getloadavg()[0]
    yield f"{os.cpu_count()} cores, load before {load:.1f}, {options.runs} runs, median (least to most) [s]"
    for scene, overrides in SCENES.items():
        if scene == "kitchen" and not KITCHEN.is_dir():
            yield f"{scene}: {KITCHEN} is not there, left out"
            continue
        if "cold" in only:
            table = cold(overrides, options.runs)
            yield f"| {scene}, cold | " + " | ".join(table) + " |"
            yield "|---|" + "---|" * len(table)
            for stage in ("whole command", *STAGES):
                if all(stage in each for each in table.values()):
                    yield f"| {stage} | " + " | ".join(str(each[stage]) for each in table.values()) + " |"
        if "optimiser" in only:
            yield from (f"{scene}, optimiser: {line}" for line in against_published(overrides))
    if "warm" in only:
        for name, spread in warm(options.runs).items():
            yield f"sample, warm, shutter to pose, {name}: {spread}"


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="cold,warm,optimiser", help="some of cold, warm, optimiser")
    return print_lines(lines(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
