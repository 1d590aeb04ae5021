"""How many CPU threads torch uses, for a block of code and not longer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Inside the block torch uses `count` threads; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def threads_for_models(wanted: int | None) -> int:
    """As many as wanted; None means all cores, because large products gain from them."""
    return wanted or len(os.sched_getaffinity(0))


def field_workers(wanted: int | None) -> int:
    """Threads that share the slices of a field: as many as wanted, None means all cores.

    They change no bit of any result. Threads inside an operation do, and gain nothing, because a field's slices fit one
    core's cache: where a pose is optimised, torch has one (docs/method.md).
    """
    return wanted or len(os.sched_getaffinity(0))
