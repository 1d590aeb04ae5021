"""The learned backbone's weights from nothing: data, targets, training.

    python -m sparsedff.learn.train [--folder data/learned] [--steps N] [--members N] [--seed N] [--install]

An interrupted training goes on. `--install` puts the weights into the package and their hash and curve into the card.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from safetensors.torch import save

from sparsedff.common.atomic import write_file
from sparsedff.common.console import print_lines
from sparsedff.common.progress import bar
from sparsedff.distill.backbones.learned.network import PointNetwork
from sparsedff.distill.backbones.learned.weights import CARD, FILE, stated_sha256, weights_sha256
from sparsedff.learn.checkpoint import resume_run, save_run
from sparsedff.learn.curve import draw_curve
from sparsedff.learn.scenes import LearnScene, make_scenes
from sparsedff.learn.settings import LearnSettings
from sparsedff.learn.targets import Targets, make_targets
from sparsedff.learn.training import Run, train
from sparsedff.prepare.threads import torch_threads
from sparsedff.synthetic.held_out import training_families

WEIGHTS, RUNNING, CURVE = "learned.safetensors", "training.pt", "curve.png"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    defaults = LearnSettings()
    parser = argparse.ArgumentParser(description="Train the learned backbone on the procedural families.")
    parser.add_argument("--folder", type=Path, default=Path("data/learned"), help="where to write (%(default)s)")
    parser.add_argument("--members", type=int, default=defaults.members, help="of each family (%(default)s)")
    parser.add_argument("--steps", type=int, default=defaults.steps, help="of the training (%(default)s)")
    parser.add_argument("--seed", type=int, default=defaults.seed, help="of everything random (%(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of torch; the same weights need the same (%(default)s)")
    parser.add_argument("--install", action="store_true", help="put the weights into the package")
    options = parser.parse_args(arguments)
    return print_lines(_run(options))


def _run(options: argparse.Namespace) -> Iterator[str]:
    settings = LearnSettings(members=options.members, steps=options.steps, seed=options.seed)
    folder, families, begin = options.folder, training_families(), time.perf_counter()
    with torch_threads(options.threads):
        scenes, targets = make_data(families, settings)
        yield f"data: {len(scenes)} scenes of {len(families)} families, {time.perf_counter() - begin:.0f} s"
        run = trained(families, settings, scenes, targets, folder / RUNNING)
    write_weights(run.network, folder / WEIGHTS)
    draw_curve(run.curve, folder / CURVE)
    yield f"training: {run.step} steps, last L1 {run.curve[-1][1]:.3f}, in all {time.perf_counter() - begin:.0f} s"
    yield f"weights: {folder / WEIGHTS}, sha256 {weights_sha256(folder / WEIGHTS)}"
    if options.install:
        yield install(folder / WEIGHTS)


def make_data(families: Sequence[str], settings: LearnSettings) -> tuple[list[LearnScene], Targets]:
    """Scenes and targets of these families, behind progress bars."""
    with bar(len(families) * settings.members, "members", "member") as shown:
        scenes = make_scenes(families, settings.members, settings.seed, lambda _: shown.update())
    with bar(2 * len(families), "targets", "family") as shown:
        return scenes, make_targets(families, progress=lambda _: shown.update())


def trained(
    families: Sequence[str], settings: LearnSettings, scenes: Sequence[LearnScene], targets: Targets, path: Path
) -> Run:
    """A training to its end, from where the file left it.

    Raises:
        DistillError: the file is another training's.
    """
    run = resume_run(settings, families, path)
    with bar(settings.steps, "train", "step") as shown:
        shown.update(run.step)

        def told(now: Run) -> None:
            shown.set_postfix_str(f" L1 {now.curve[-1][1]:.3f}")
            shown.update(now.step - shown.n)
            save_run(now, families, path)

        train(run, scenes, targets.of(scenes), every=told)
    return run


def write_weights(network: PointNetwork, path: Path) -> None:
    """The network as safetensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, save({name: tensor.contiguous() for name, tensor in network.state_dict().items()}))


def install(weights: Path) -> str:
    """Put weights into the package, and their hash into the card."""
    before, now = stated_sha256(), weights_sha256(weights)
    write_file(FILE, weights.read_bytes())
    if before is not None:
        write_file(CARD, CARD.read_text().replace(before, now))
    return f"installed: {FILE}; measure them with python benchmarks/features.py and write the figures into {CARD.name}"


if __name__ == "__main__":
    sys.exit(main())
