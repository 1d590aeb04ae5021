"""`scripts/train_linear_probe.py`: training data of a key become a refinement network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from sparsedff.common.progress import bar, quiet
from sparsedff.config.config import Config
from sparsedff.jobs.consistency import table
from sparsedff.prepare.device import choose_device
from sparsedff.prepare.threads import threads_for_models, torch_threads
from sparsedff.refine.checkpoint import save_checkpoint
from sparsedff.refine.material import Material, prepare
from sparsedff.refine.plan import Plan
from sparsedff.refine.processes import is_distributed, processes, wait_for_others
from sparsedff.refine.state import Progress
from sparsedff.refine.storage import Stored, key_folder, load_key
from sparsedff.refine.tensorboard import Log, logs
from sparsedff.refine.train import Trained, train
from sparsedff.runs.write import versions
from sparsedff.visualize.pictures.training import draw_loss, draw_views

NETWORK, STATE = "probe.pth", "training.pt"
_WIDE = 256  # channels from which a second core helps
_RECENT = 25  # steps over which a loss is averaged for the note


def network_path(config: Config, key: int, mode: str) -> Path:
    """Where the network of a key and mode lies."""
    return key_folder(Path(config.refinement.path), key) / mode / NETWORK


def plan_of(config: Config, mode: str) -> Plan:
    """The settings of a training; what the configuration leaves open is what its loss wants."""
    r = config.refinement
    published = r.loss == "published"
    rate = (1e-5 if mode == "base" else 1e-4) if published else 1e-3
    return Plan(
        mode,
        r.loss,
        r.steps or (20_000 if published else 400),
        r.learning_rate or rate,
        r.temperature or (0.007 if published else 0.15),
        r.batch,
        r.keep_distances,
        r.mask_near,
        r.hidden_factor,
        r.head,
        r.evaluate_every,
        0 if published else r.patience,
        r.save_every,
        config.seed,
    )


def train_probe(config: Config, mode: str, key: int, fresh: bool = False, tensorboard: bool = False) -> list[str]:
    """Train a network, or go on with an interrupted training, and write it with its note and pictures.

    Args:
        config: its section refinement; seed, device, threads.
        mode: of the network.
        key: whose data.
        fresh: forget an interrupted or finished training of the same name.
        tensorboard: write logs for TensorBoard beside the network.

    Returns:
        what to say: files and measures. Nothing in all but the first of several processes.

    Raises:
        SparseDFFError: no data, damaged data, a training with other settings, a package that is missing.
    """
    r = config.refinement
    plan, device = plan_of(config, mode), choose_device(config.device)
    data_folder = key_folder(Path(r.path), key)
    stored, folder = load_key(data_folder), data_folder / mode
    material = prepare([one.scene for one in stored], r.pair_radius_m, r.holdout_share, r.holdout_block_m, config.seed)
    data = {one.scene.name: one.sha256 for one in stored}
    recipe = {"captures": data, "holdout": _holdout(config)}
    with processes(device) as (number, _):
        first = number == 0
        if fresh and first:
            (folder / STATE).unlink(missing_ok=True)
        wait_for_others()
        logged, shown = folder / "tensorboard" if tensorboard and first else None, nullcontext() if first else quiet()
        with _threads(config, material), logs(logged) as log, shown:
            trained = _behind_a_bar(plan, material, device, folder / STATE, recipe, first, log)
    if not first:
        return []
    note = _note(config, plan, key, stored, material, trained)
    save_checkpoint(folder / NETWORK, trained.probe.state_dict(), trained.probe.shape, note, stored[0].reduction)
    pictures = [folder / "loss.png", *(folder / f"views_{scene.name}.png" for scene in material.scenes)]
    draw_loss(pictures[0], plan, trained.progress, material)
    for path, scene in zip(pictures[1:], material.scenes, strict=True):
        draw_views(path, scene, trained.probe)
    steps = f"step {trained.progress.best_step} of {trained.progress.step}"
    return [
        f"network: {folder / NETWORK} ({steps})",
        *(f"picture: {path}" for path in pictures),
        *table(material, trained.probe, "test", "held-out regions"),
    ]


def _behind_a_bar(
    plan: Plan, material: Material, device: torch.device, state: Path, recipe: dict[str, Any], writes: bool, log: Log
) -> Trained:
    with bar(plan.steps, "train", "step") as shown:

        def listen(progress: Progress, rate: float) -> None:
            held_out = f"{100 * progress.looks[-1][1]:.1f}%"
            shown.set_postfix(loss=f"{progress.losses[-1]:.3f}", held_out=held_out, refresh=False)
            shown.update(progress.step - shown.n)
            log(progress, rate)

        return train(material, plan, device, state, recipe, listen, writes)


def _threads(config: Config, material: Material) -> AbstractContextManager[None]:
    """All cores for wide features; narrow ones are faster on one, and torchrun has shared the cores out already."""
    wide = material.features.shape[1] >= _WIDE and not is_distributed()
    return torch_threads(threads_for_models(config.threads)) if wide else nullcontext()


def _holdout(config: Config) -> dict[str, Any]:
    r = config.refinement
    return {"share": r.holdout_share, "block_m": r.holdout_block_m, "seed": config.seed}


def _note(
    config: Config, plan: Plan, key: int, stored: Sequence[Stored], material: Material, trained: Trained
) -> dict[str, Any]:
    """What the .json beside a network says."""
    progress, settings = trained.progress, stored[0].settings
    recent = progress.losses[-_RECENT:]
    parts = ("train", "validation", "test") if config.refinement.holdout_share else ("train",)
    measured = {
        part: {
            when: {name: _finite(value) for name, value in asdict(material.consistency(probe, part)).items()}
            for when, probe in (("before", None), ("after", trained.probe))
        }
        for part in parts
    }
    return {
        "step": progress.best_step,
        "steps_done": progress.step,
        "loss": {"first": progress.losses[0], "last": sum(recent) / len(recent)},
        "training": vars(plan),
        "backbone": settings["backbone"],
        "scale": settings["scale"],
        "data": {"key": key, "captures": {one.scene.name: one.sha256 for one in stored}},
        "pair_radius_m": config.refinement.pair_radius_m,
        "holdout": _holdout(config),
        "consistency": measured,
        "versions": versions(),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
