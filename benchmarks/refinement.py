"""Training the refinement network: the published loss and schedule against ours, in one process.

    python benchmarks/refinement.py [--backbone handcrafted | random_dinov2] [--steps 2000] [--variants]

Both train mode glayer on the packaged monkey_original and are judged on the same held-out region, which neither looks
at: how many of its overlapping points have their nearest feature in another view within 1 cm. Printed is the time the
published training takes for its steps, and the time ours takes to be as good; looks at the region are not timed.
--variants adds what each part of our loss is worth. random_dinov2 has DINOv2's architecture and random weights: its
768 channels cost what the real ones cost.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from sparsedff.common.progress import quiet
from sparsedff.config.config import Config, load_config
from sparsedff.jobs.read_data import read_capture
from sparsedff.refine import train as loop
from sparsedff.refine.holdout import Split
from sparsedff.refine.settings import TrainingSettings, known
from sparsedff.refine.state import TrainingProgress
from sparsedff.refine.storage import key_folder, load_key
from sparsedff.refine.training_set import TrainingSet, make_training_set

CAPTURE = "monkey_original"
MODE = "glayer"
NEVER = 10**9


class Enough(Exception):
    """Stops a training from its listener."""


@dataclass(frozen=True)
class Timed:
    """Seconds of a training, on the clock and on the processor."""

    wall: float
    cpu: float


def settings(backbone: str, folder: Path) -> Config:
    """The configuration, with a random DINOv2 made in the folder if that is asked for."""
    overrides = ["img_preprocess=[physics,physics]", f"refinement.path={folder}"]
    if backbone == "random_dinov2":
        sys.path.append(str(Path(__file__).parents[1]))
        from benchmarks.foundation import make_weights
        from sparsedff.distill.weights.files import DINOV2_FILES

        name, weights = "dinov2_vitb14", Path(tempfile.gettempdir()) / "sparsedff-random-weights"
        torch.manual_seed(0)
        make_weights(name, weights)
        official = DINOV2_FILES[name]  # the random file's size and hash are others
        DINOV2_FILES[name] = type(official)(official.file, official.url)
        return load_config("configs/config.yaml", [*overrides, f"backbone={name}", f"features.weights_path={weights}"])
    return load_config("configs/config.yaml", [*overrides, f"backbone={backbone}"])


def judged_training_set(config: Config) -> TrainingSet:
    """The capture's training data; what counts as validation is the region that is judged."""
    for _ in read_capture(config, CAPTURE, 0):
        pass
    scenes = [one.scene for one in load_key(key_folder(Path(config.refinement.path), 0))]
    training_set = make_training_set(scenes, config.refinement, config.seed)
    return replace(training_set, splits=tuple(Split(s.train, s.test, s.validation) for s in training_set.splits))


def timed(data: TrainingSet, how: TrainingSettings, steps: int, seed: int) -> Timed:
    """Train that many steps without looking at anything."""

    def listen(progress: TrainingProgress, rate: float) -> None:
        if progress.step >= steps:
            raise Enough

    unseen = replace(how, evaluate_every=NEVER, patience=0)
    begin, busy = time.perf_counter(), time.process_time()
    with suppress(Enough):
        loop.train(data, unseen, MODE, seed, torch.device("cpu"), listen=listen)
    return Timed(time.perf_counter() - begin, time.process_time() - busy)


def looks(data: TrainingSet, how: TrainingSettings, every: int, seed: int) -> list[list[float]]:
    """[step, hits, ratio] all along a training."""
    watched = replace(how, evaluate_every=every, patience=0)
    return loop.train(data, watched, MODE, seed, torch.device("cpu")).progress.looks


def compare(config: Config, data: TrainingSet, steps: int) -> None:
    """Print the published training, ours, and the ratio of their times."""
    published = replace(config.refinement, loss="published", steps=steps).resolved(MODE)
    ours, seed = config.refinement.resolved(MODE), config.seed
    before = data.consistency(None, "validation")
    print(f"features as they enter: {100 * before.hits:.1f} %, ratio {before.ratio:.3f}", flush=True)
    spent = timed(data, published, steps, seed)
    _, target, ratio = looks(data, published, steps, seed)[-1]
    print(
        f"published loss, {steps} steps: {100 * target:.1f} %, ratio {ratio:.3f}, {spent.wall:.1f} s "
        f"(CPU {spent.cpu:.1f} s)",
        flush=True,
    )
    found = looks(data, ours, 5, seed)
    enough = next((int(step) for step, hits, _ in found if hits >= target), None)
    if enough is None:
        print(f"ours does not reach that in {ours.steps} steps: {100 * found[-1][1]:.1f} %")
        return
    own = timed(data, ours, max(enough, 1), seed)
    print(f"ours reaches that after {enough} steps, {own.wall:.2f} s (CPU {own.cpu:.2f} s)")
    print(f"time ratio: {own.wall / spent.wall:.4f} (CPU {own.cpu / spent.cpu:.4f}); at most 0.1 is wanted")
    step, hits, ratio = found[-1]
    whole = timed(data, ours, int(step), seed)
    print(f"ours, all {step:.0f} steps: {100 * hits:.1f} %, ratio {ratio:.3f}, {whole.wall:.1f} s", flush=True)


def variants(config: Config, data: TrainingSet, seeds: int) -> None:
    """Print what the parts of our loss are worth, after all steps, means over seeds."""
    ours = config.refinement.resolved(MODE)
    third = known(ours.temperature) / 3
    print(f"| variant | hits of {seeds} seeds [%] | ratio |\n|---|---|---|")
    for name, chosen in (
        ("ours", ours),
        ("near keys masked", replace(ours, mask_near=True)),
        ("near keys masked, a third of the temperature", replace(ours, mask_near=True, temperature=third)),
        ("distances not kept", replace(ours, keep_distances=0.0)),
        ("distances kept a third as hard", replace(ours, keep_distances=ours.keep_distances / 3)),
        ("a third of the temperature", replace(ours, temperature=third)),
    ):
        ends = [looks(data, chosen, NEVER, seed)[-1] for seed in range(seeds)]
        hits, ratios = (sum(end[i] for end in ends) / seeds for i in (1, 2))
        print(f"| {name} | {100 * hits:.1f} | {ratios:.3f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backbone", default="handcrafted", choices=("handcrafted", "random_dinov2"))
    parser.add_argument("--steps", type=int, default=2000, help="of the published training")
    parser.add_argument("--threads", type=int, help="default: 1 for the narrow embedded features, else all cores")
    parser.add_argument("--variants", action="store_true", help="also measure the parts of our loss")
    parser.add_argument("--seeds", type=int, default=5, help="of the variants")
    options = parser.parse_args()
    wide = options.backbone != "handcrafted"
    torch.set_num_threads(options.threads or (len(os.sched_getaffinity(0)) if wide else 1))
    with quiet(), tempfile.TemporaryDirectory() as folder:
        config = settings(options.backbone, Path(folder))
        data = judged_training_set(config)
        compare(config, data, options.steps)
        if options.variants:
            variants(config, data, options.seeds)


if __name__ == "__main__":
    main()
