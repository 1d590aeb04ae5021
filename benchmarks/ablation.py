"""What refinement and pruning are worth, on the packaged sample with ground truth: `python benchmarks/ablation.py`.

    python benchmarks/ablation.py [--seeds 10] [--model FILE] [key=value ...]

Without --model a network is trained first, as scripts/read.py and scripts/train_linear_probe.py do it on
monkey_original. Rows differ in nothing else; views are distilled once.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from sparsedff.cli.options import add_settings, load
from sparsedff.cli.run import run_script
from sparsedff.common.progress import quiet
from sparsedff.config.config import Config
from sparsedff.evaluate.metrics import contact_error
from sparsedff.jobs.read_data import read_capture
from sparsedff.jobs.train import network_path, train_probe
from sparsedff.pipeline import transfer_clouds
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import read_inputs
from sparsedff.prepare.threads import torch_threads
from sparsedff.synthetic.truth import load_truth

MODE = "glayer"


def trained(config: Config, folder: Path) -> str:
    """A network for the reference capture, made below a folder."""
    config = replace(config, refinement=replace(config.refinement, path=str(folder)))
    for line in itertools.chain(read_capture(config, config.data1, 0), train_probe(config, MODE, 0)):
        print(line, flush=True)
    return str(network_path(config, 0, MODE))


def rows(config: Config, model: str, seeds: int) -> Iterator[str]:
    """The table, line by line."""
    truth, inputs = load_truth("data/sample"), read_inputs(config)
    first, second = make_distiller(config).distil_both(inputs.captures)
    raw = (first.cloud, second.cloud)
    yield f"| features | points | contact error, mean of {seeds} seeds [cm] | best to worst [cm] |"
    yield "|---|---|---|---|"
    for name, path, method in (
        ("unrefined", None, "raw"),
        ("unrefined, pruned", None, config.pruning.method),
        ("refined", model, "raw"),
        ("refined, pruned", model, config.pruning.method),
    ):
        chosen = replace(config, model_path=path, pruning=replace(config.pruning, method=method))
        errors = []
        for seed in range(seeds):
            seeded = replace(chosen, seed=seed)
            clouds = make_distiller(seeded).features(raw)
            shown = inputs.demonstration
            energy, result = transfer_clouds(seeded, clouds, raw[1].points, shown)
            before, after = (energy.goal.hand.surface_of(pose) for pose in (shown, result.pose))
            errors.append(100 * contact_error(after, truth.map_points(before), truth.reference.distance(before)))
        spread = f"{min(errors):.2f} to {max(errors):.2f}"
        yield f"| {name} | {len(clouds[0])} and {len(clouds[1])} | {np.mean(errors):.2f} | {spread} |"


SUMMARY = __doc__.splitlines()[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the benchmark."""
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--model", metavar="FILE", help="a trained network; without it one is trained")
    add_settings(parser, "backbone=handcrafted")


def run(options: argparse.Namespace) -> Iterator[str]:
    """The table of the ablation."""
    config = load(options, "backbone=handcrafted", "img_preprocess=[physics,physics]")
    with torch_threads(1), quiet(), tempfile.TemporaryDirectory() as folder:
        yield from rows(config, options.model or trained(config, Path(folder)), options.seeds)


if __name__ == "__main__":
    sys.exit(run_script(sys.modules[__name__]))
