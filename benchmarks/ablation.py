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
import torch

from sparsedff.common.progress import quiet
from sparsedff.config.config import Config, load_config
from sparsedff.distill.backbones.registry import make_backbone
from sparsedff.errors import SparseDFFError
from sparsedff.evaluate.metrics import contact_error
from sparsedff.jobs.read_data import read_capture
from sparsedff.jobs.train import network_path, train_probe
from sparsedff.pipeline import refine_both, transfer_clouds
from sparsedff.prepare.inputs import choose_device, read_inputs
from sparsedff.prepare.models import feature_settings
from sparsedff.prepare.scenes import distil_both
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
    device, truth = choose_device(config.device), load_truth("data/sample")
    inputs = read_inputs(config)
    backbone = make_backbone(config.backbone, feature_settings(config, device))
    _, raw = distil_both(config, inputs, backbone)
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
            clouds = refine_both(replace(chosen, seed=seed), raw, backbone)
            solid, shown = raw[1].points, inputs.demonstration
            hand, _, result = transfer_clouds(replace(chosen, seed=seed), clouds, solid, shown, device)
            before, after = (hand.surface_of(pose) for pose in (shown, result.pose))
            errors.append(100 * contact_error(after, truth.map_points(before), truth.reference.distance(before)))
        spread = f"{min(errors):.2f} to {max(errors):.2f}"
        yield f"| {name} | {len(clouds[0])} and {len(clouds[1])} | {np.mean(errors):.2f} | {spread} |"


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--model", metavar="FILE", help="a trained network; without it one is trained")
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    options = parser.parse_intermixed_args()
    embedded = ["backbone=handcrafted", "img_preprocess=[physics,physics]"]
    try:
        config = load_config("configs/config.yaml", [*embedded, *options.overrides])
        torch.set_num_threads(config.threads or 1)
        with quiet(), tempfile.TemporaryDirectory() as folder:
            for row in rows(config, options.model or trained(config, Path(folder)), options.seeds):
                print(row, flush=True)
    except SparseDFFError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
