"""Training in several processes, as `torchrun` starts them. In a single process these functions change nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import Tensor


def is_distributed() -> bool:
    """Whether torchrun (or something like it) started this process among others."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


@contextmanager
def processes(device: torch.device) -> Iterator[tuple[int, int]]:
    """Join the other processes. Yields (number of this process, number of processes)."""
    if not is_distributed():
        yield 0, 1
        return
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield dist.get_rank(), dist.get_world_size()
    finally:
        dist.destroy_process_group()


def my_share(points: Tensor) -> Tensor:
    """This process's part (ceil(n / R),) of a step's points (n,). The last of the R parts is padded with point 0."""
    if not _active():
        return points
    size = -(-len(points) // dist.get_world_size())
    part = points[size * dist.get_rank() : size * (dist.get_rank() + 1)]
    return torch.cat([part, points[:1].expand(size - len(part))])


def everyones(outputs: Tensor, count: int) -> Tensor:
    """The outputs (count, .) of all processes' shares, in order. Gradients flow into this process's share only."""
    if not _active():
        return outputs
    parts = [torch.empty_like(outputs) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, outputs.detach().contiguous())
    parts[dist.get_rank()] = outputs
    return torch.cat(parts)[:count]


def gradient_share(loss: Tensor) -> Tensor:
    """The value to differentiate, so that the processes' mean of gradients is the gradient of the whole loss.

    Every process has the whole loss, but the gradient of its own outputs only. DistributedDataParallel takes the mean
    of the gradients where their sum is needed.
    """
    return loss * dist.get_world_size() if _active() else loss


def agreed(values: list[float], device: torch.device) -> list[float]:
    """The first process's numbers, given to all processes, so that rounding cannot make their decisions differ."""
    if not _active():
        return values
    shared = torch.tensor(values, dtype=torch.float64, device=device)
    dist.broadcast(shared, 0)
    return [float(value) for value in shared.cpu()]


def wait_for_others() -> None:
    """Wait until all processes have reached this call."""
    if _active():
        dist.barrier()


def _active() -> bool:
    return dist.is_available() and dist.is_initialized()
