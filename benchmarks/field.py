"""One energy-and-gradient step of the feature field, as published against ours, in one process.

    python benchmarks/field.py [--points 6000] [--channels 768] [--starts 10] [--hand-points 500] [--repeat 5]

Published: distances broadcast to (starts, hand points, points, 3), autograd through everything. Ours is
`FeatureField.l1`, in two rows: `exact` on features as they are, and `factored` to 64 singular directions
(`field.rank=64`), the L1 still taken over all channels. Speed is a ratio in this process; peak memory is what one step
adds to it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from sparsedff.field import FeatureField, build_field

SCENE_M, REACH_M = 0.2, 0.3  # edge of the box of points, and of the box of hands around it


def published(points: Tensor, features: Tensor, queries: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Energy (B,) and gradient (B, Q, 3), materialising (B, Q, N, 3)."""
    queries = queries.clone().requires_grad_()
    distance = torch.linalg.norm(queries[:, :, None] - points[None, None], dim=-1)
    weights = 1 / (distance + 1e-10) ** 2
    weights = weights / weights.sum(dim=-1, keepdim=True)
    energy = (weights @ features - targets).abs().mean(dim=(1, 2))
    energy.sum().backward()
    assert queries.grad is not None
    return energy.detach(), queries.grad


def ours(field: FeatureField, queries: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Energy (B,) and gradient (B, Q, 3) of our kernel."""
    queries = queries.clone().requires_grad_()
    energy = field.l1(queries, targets)
    energy.sum().backward()
    assert queries.grad is not None
    return energy.detach(), queries.grad


def problem(options: argparse.Namespace) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Points, features, queries and targets; the features fall off along their singular directions like 1 / rank.

    A few directions carry most and none is empty, so factoring has something to lose; what it loses is printed.
    """
    generator = torch.Generator().manual_seed(0)

    def random(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    points = torch.rand(options.points, 3, generator=generator) * SCENE_M
    queries = torch.rand(options.starts, options.hand_points, 3, generator=generator) * REACH_M
    spectrum = 1 / torch.arange(1, options.channels + 1)
    features = (random(options.points, options.channels) * spectrum) @ random(options.channels, options.channels)
    return points, features, queries, random(options.hand_points, options.channels)


def run(name: str, options: argparse.Namespace) -> tuple[Callable[[], tuple[Tensor, Tensor]], FeatureField | None]:
    """The step of this name, and its field."""
    points, features, queries, targets = problem(options)
    if name == "published":
        return lambda: published(points, features, queries, targets), None
    rank = options.rank if name == "factored" else None
    field = build_field(points, features, rank=rank)
    return lambda: ours(field, queries, targets), field


def seconds(steps: dict[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """The shortest of `repeat` runs of each step after a first one, taken in turns: other load hits all alike."""
    for step in steps.values():
        step()
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(repeat):
        for name, step in steps.items():
            begin = time.perf_counter()
            step()
            best[name] = min(best[name], time.perf_counter() - begin)
    return best


def peak_megabytes(name: str, options: argparse.Namespace) -> float:
    """Memory that one step adds, in a fresh process: its peak resident size less that before the step."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak_of_one_step, (name, options))


def _peak_of_one_step(name: str, options: argparse.Namespace) -> float:
    torch.set_num_threads(options.threads)
    if name == "factored":  # made of factors: the memory that an SVD frees would hide the step's
        points, _features, queries, targets = problem(options)  # kept: freed memory would be taken again
        generator = torch.Generator().manual_seed(1)
        coefficients = torch.randn(options.points, options.rank, generator=generator)
        field = FeatureField(points, coefficients, torch.randn(options.rank, options.channels, generator=generator))
        step: Callable[[], object] = partial(ours, field, queries, targets)
    else:
        step, _ = run(name, options)
    small = argparse.Namespace(**{**vars(options), "points": 64, "hand_points": 8})
    run("published" if name == "published" else "exact", small)[0]()  # libraries allocate on their first use
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of building the field
    before = _status_megabytes("VmRSS")
    step()
    return _status_megabytes("VmHWM") - before


def _status_megabytes(entry: str) -> float:
    """VmRSS is what this process holds, VmHWM the most it ever held (getrusage would count its parent's too)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(entry):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/self/status has no {entry}; memory is measured on Linux only")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("points", 6000), ("channels", 768), ("starts", 10), ("hand-points", 500), ("rank", 64)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(
        f"{options.points} points x {options.channels} channels, {options.starts} x {options.hand_points} hand points,"
    )
    print(f"{options.threads} threads; best of {options.repeat}")
    steps = {name: run(name, options) for name in ("published", "exact", "factored")}
    times = seconds({name: step for name, (step, _) in steps.items()}, options.repeat)
    base_time, base_memory = times["published"], peak_megabytes("published", options)
    base_energy, base_gradient = steps["published"][0]()
    print(f"{'published':16s} {base_time:7.3f} s {base_memory:8.0f} MB")
    for name in ("exact", "factored"):
        step, field = steps[name]
        took, memory = times[name], peak_megabytes(name, options)
        energy, gradient = step()
        off = ((energy - base_energy).abs() / base_energy).max()
        turn = (gradient - base_gradient).norm() / base_gradient.norm()
        print(
            f"{'ours, ' + name:16s} {took:7.3f} s {memory:8.0f} MB: {base_time / took:5.1f} x faster, "
            f"{100 * memory / base_memory:4.1f} % of the memory; energy differs by {off:.1e}, gradient by {turn:.1e}"
            + (f"; bound of the factoring {field.truncation:.2f} per channel" if field and field.truncation else "")
        )


if __name__ == "__main__":
    main()
