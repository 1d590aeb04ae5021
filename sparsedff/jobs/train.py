"""Training of the refinement network: what `sparsedff train` and scripts/train_linear_probe.py do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sparsedff.common.progress import bar, quiet
from sparsedff.config.config import Config
from sparsedff.jobs.consistency import table
from sparsedff.prepare.device import choose_device
from sparsedff.prepare.threads import threads_for_models, torch_threads
from sparsedff.prepare.writable import check_writable
from sparsedff.refine.checkpoint import save_checkpoint
from sparsedff.refine.processes import is_distributed, processes, wait_for_others
from sparsedff.refine.settings import TrainingSettings, known
from sparsedff.refine.state import TrainingProgress
from sparsedff.refine.storage import Stored, key_folder, load_key
from sparsedff.refine.tensorboard import Log, logs
from sparsedff.refine.train import Trained, train
from sparsedff.refine.training_set import TrainingSet, make_training_set
from sparsedff.runs.write import versions
from sparsedff.visualize.pictures.training import draw_loss, draw_views

NETWORK, STATE = "probe.pth", "training.pt"
_WIDE = 256  # channels from which a second core helps
_RECENT = 25  # steps over which a loss is averaged for the note


def network_path(config: Config, key: int, mode: str) -> Path:
    """Where the network of a key and mode lies."""
    return key_folder(Path(config.refinement.path), key) / mode / NETWORK


def train_probe(config: Config, mode: str, key: int, fresh: bool = False, tensorboard: bool = False) -> Iterator[str]:
    """Train a network, or resume an interrupted training, and write it with its note and pictures.

    Args:
        config: its section refinement; seed, device, threads.
        mode: of the network.
        key: whose data.
        fresh: forget an interrupted or finished training of the same name.
        tensorboard: write logs for TensorBoard beside the network.

    Yields:
        a line for each file, and the measures. Of several processes only the first yields anything.

    Raises:
        SparseDFFError: no data, damaged data, a training with other settings, a package that is missing.
    """
    settings, device = config.refinement.resolved(mode), choose_device(config.device)
    data_folder = key_folder(Path(settings.path), key)
    stored, folder = load_key(data_folder), data_folder / mode
    check_writable(folder, "refinement.path")
    training_set = make_training_set([one.scene for one in stored], settings, config.seed)
    data = {"captures": _captures(stored), "holdout": _holdout(settings, config.seed)}
    with processes(device) as (number, _):
        first = number == 0
        if fresh and first:
            (folder / STATE).unlink(missing_ok=True)
        wait_for_others()
        logged, shown = folder / "tensorboard" if tensorboard and first else None, nullcontext() if first else quiet()
        with _threads(config, training_set), logs(logged) as log, shown, _bar(settings, log) as listen:
            trained = train(training_set, settings, mode, config.seed, device, folder / STATE, data, listen, first)
    if not first:
        return
    source = _source(settings, config.seed, key, stored)
    note = _note(training_set, trained, settings.recorded(mode, config.seed), source)
    save_checkpoint(folder / NETWORK, trained.probe.state_dict(), trained.probe.shape, note, stored[0].reduction)
    yield f"network: {folder / NETWORK} (step {trained.progress.best_step} of {trained.progress.step})"
    title = f"{mode}, {settings.loss} loss, temperature {settings.temperature:g}, seed {config.seed}"
    draw_loss(folder / "loss.png", title, trained.progress, training_set)
    yield f"picture: {folder / 'loss.png'}"
    for scene in training_set.scenes:
        draw_views(folder / f"views_{scene.name}.png", scene, trained.probe)
        yield f"picture: {folder / f'views_{scene.name}.png'}"
    yield from table(training_set, trained.probe, "test", "held-out regions")


@contextmanager
def _bar(settings: TrainingSettings, log: Log) -> Iterator[Log]:
    """Yield a listener that shows the training's progress in a bar and passes it on to a log."""
    with bar(known(settings.steps), "train", "step") as shown:

        def listen(progress: TrainingProgress, rate: float) -> None:
            held_out = f"{100 * progress.looks[-1][1]:.1f}%"
            shown.set_postfix(loss=f"{progress.losses[-1]:.3f}", held_out=held_out, refresh=False)
            shown.update(progress.step - shown.n)
            log(progress, rate)

        yield listen


def _threads(config: Config, training_set: TrainingSet) -> AbstractContextManager[None]:
    """All cores for wide features. Narrow ones are faster on one core, and torchrun shares the cores out itself."""
    wide = training_set.features.shape[1] >= _WIDE and not is_distributed()
    return torch_threads(threads_for_models(config.threads)) if wide else nullcontext()


def _captures(stored: Sequence[Stored]) -> dict[str, str]:
    return {one.scene.name: one.sha256 for one in stored}


def _holdout(settings: TrainingSettings, seed: int) -> dict[str, Any]:
    return {"share": settings.holdout_share, "block_m": settings.holdout_block_m, "seed": seed}


def _source(settings: TrainingSettings, seed: int, key: int, stored: Sequence[Stored]) -> dict[str, Any]:
    """The part of the note that says what a network was trained on."""
    return {
        "backbone": stored[0].settings["backbone"],
        "scale": stored[0].settings["scale"],
        "data": {"key": key, "captures": _captures(stored)},
        "pair_radius_m": settings.pair_radius_m,
        "holdout": _holdout(settings, seed),
    }


def _note(
    training_set: TrainingSet, trained: Trained, training: dict[str, object], source: dict[str, Any]
) -> dict[str, Any]:
    """The content of the .json beside a network."""
    progress, probe = trained.progress, trained.probe
    recent = progress.losses[-_RECENT:]
    parts = ("train", "validation", "test") if source["holdout"]["share"] else ("train",)
    measured = {
        part: {
            when: {name: _finite(value) for name, value in asdict(training_set.consistency(network, part)).items()}
            for when, network in (("before", None), ("after", probe))
        }
        for part in parts
    }
    return {
        "step": progress.best_step,
        "steps_done": progress.step,
        "loss": {"first": progress.losses[0], "last": sum(recent) / len(recent)},
        "training": training,
        **source,
        "consistency": measured,
        "versions": versions(),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
