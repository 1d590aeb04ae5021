"""Logs for TensorBoard, where that package is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sparsedff.errors import ConfigError
from sparsedff.refine.state import TrainingProgress

Log = Callable[[TrainingProgress, float], None]


@contextmanager
def logs(folder: Path | None) -> Iterator[Log]:
    """Yield a listener for every step. It writes loss, learning rate and held-out measures to a folder.

    Args:
        folder: created if it does not exist; None writes nothing.

    Raises:
        ConfigError: the package tensorboard is not installed.
    """
    if folder is None:
        yield lambda progress, rate: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise ConfigError(
            "--tensorboard: the package tensorboard is not installed; pip install 'sparsedff[learn]' brings it"
        ) from None

    with SummaryWriter(str(folder)) as writer:

        def log(progress: TrainingProgress, rate: float) -> None:
            writer.add_scalar("loss", progress.losses[-1], progress.step)
            writer.add_scalar("learning rate", rate, progress.step)
            step, hits, ratio = progress.looks[-1]
            if step == progress.step:
                writer.add_scalar("held out/hits", hits, progress.step)
                writer.add_scalar("held out/ratio", ratio, progress.step)

        yield log
