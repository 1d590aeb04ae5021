"""Transfer quality against ground truth: `python benchmarks/transfer.py sample|kitchen [--seeds N] [key=value ...]`.

`sample`: the packaged monkeys, whose correspondence is known. `kitchen`: real captures of a mug under ../shared/data,
with the table frame of the test capture turned by 0, 90, 180 and 270 degrees.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from sparsedff.cli.options import add_settings, load
from sparsedff.cli.run import run_script
from sparsedff.config.config import Config
from sparsedff.evaluate.metrics import contact_error, palm_error, penetration, surface_error
from sparsedff.evaluate.turn import turned, yaw
from sparsedff.finished import Transferred
from sparsedff.geometry import rigid_fit
from sparsedff.hands.pose import HandPose
from sparsedff.pipeline import compute
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import Inputs, read_inputs
from sparsedff.prepare.threads import torch_threads
from sparsedff.synthetic.truth import Truth, load_truth

KITCHEN = Path("../shared/data/kitchen")
KITCHEN_BOX = ["workspace.x=[-0.19,0.19]", "workspace.y=[-0.19,0.19]", "workspace.z=[0.0,0.2]"]


def sample_rows(config: Config, seeds: int) -> Iterator[str]:
    """One line a seed, then the summary, on the packaged sample."""
    inputs, truth = read_inputs(config), load_truth("data/sample")
    errors, depths = [], []
    for seed in range(seeds):
        done, seconds = _timed(replace(config, seed=seed), inputs)
        shown = done.hand.surface_of(inputs.demonstration)
        landed = done.hand.surface_of(done.result.pose)
        errors.append(contact_error(landed, truth.map_points(shown), truth.reference.distance(shown)))
        depths.append(penetration(truth.test.distance(landed)))
        yield (
            f"seed {seed}: contact {100 * errors[-1]:.2f} cm, penetration {1000 * depths[-1]:.1f} mm, "
            f"energy {done.result.energy:.4f} (hand moved rigidly by the truth: {_energy_at_truth(done, truth):.4f}), "
            f"{seconds:.1f} s"
        )
    yield (
        f"sample: contact error mean {100 * np.mean(errors):.2f} cm, worst {100 * max(errors):.2f} cm, "
        f"under 2 cm for {sum(e < 0.02 for e in errors)} of {seeds}; deepest penetration {1000 * max(depths):.1f} mm"
    )


def _energy_at_truth(done: Transferred, truth: Truth) -> float:
    """Energy of the demonstrated hand moved rigidly as the truth says: are features or optimiser at fault?"""
    shown = done.hand.surface_of(done.result.demonstration)
    mapped = truth.map_points(shown)
    near = np.abs(truth.reference.distance(shown)) < 0.02
    return energy_at(done, done.result.demonstration.moved(rigid_fit(shown[near], mapped[near])))


def energy_at(done: Transferred, pose: HandPose) -> float:
    """The weighted energy of one pose."""
    with torch.no_grad():
        return float(done.energy.total(done.energy.terms(*done.hand.pose_tensors(pose)))[0])


def kitchen_rows(config: Config, seeds: int) -> Iterator[str]:
    """One line a table frame, then the summary, on the real mug."""
    base = read_inputs(config)
    test_from_reference = np.array(json.loads((KITCHEN / "truth.json").read_text())["moved_from_reference"])
    rows = []
    for degrees in (0, 90, 180, 270):
        turned_from_table = yaw(np.radians(degrees))
        inputs = replace(base, captures=(base.captures[0], turned(base.captures[1], turned_from_table)))
        truth = base.demonstration.moved(turned_from_table @ test_from_reference)
        here = []
        for seed in range(seeds):
            done, seconds = _timed(replace(config, seed=seed), inputs)
            surface = surface_error(done.hand.surface_of(done.result.pose), done.hand.surface_of(truth))
            here.append(
                (surface, *palm_error(done.result.pose, truth), energy_at(done, truth), done.result.energy, seconds)
            )
        rows += here
        mean, worst = np.mean(here, axis=0), np.max(here, axis=0)
        yield (
            f"table turned {degrees:3d} deg: surface mean {100 * mean[0]:.2f} worst {100 * worst[0]:.2f} cm, "
            f"palm worst {100 * worst[1]:.2f} cm {np.degrees(worst[2]):.1f} deg, "
            f"energy found {mean[4]:.4f}, at the truth {mean[3]:.4f}, "
            f"{mean[5]:.1f} s each"
        )
    good = sum(s < 0.01 and p < 0.02 and a < np.radians(15) for s, p, a, *_ in rows)
    yield f"kitchen: {good} of {len(rows)} within 1.0 cm on the surface, 2 cm and 15 degrees at the palm"


def _timed(config: Config, inputs: Inputs) -> tuple[Transferred, float]:
    begin = time.perf_counter()
    done = compute(config, inputs, make_distiller(config))
    return done, time.perf_counter() - begin


SUMMARY = __doc__.splitlines()[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the benchmark."""
    parser.add_argument("what", choices=("sample", "kitchen"))
    parser.add_argument("--seeds", type=int, default=10)
    add_settings(parser, "field.power=2")


def run(options: argparse.Namespace) -> Iterator[str]:
    """One line a seed or table frame, then the summary."""
    kitchen = options.what == "kitchen"
    captures = [f"data{i + 1}={KITCHEN / name}" for i, name in enumerate(("white_mug_reference", "white_mug_moved"))]
    mug = [*captures, f"hand_ref_pose_name={KITCHEN / 'ref_pose_mug.npy'}", *KITCHEN_BOX]
    options.overrides = [*(mug if kitchen else []), *options.overrides]
    config = load(options)
    with torch_threads(1):
        yield from (kitchen_rows if kitchen else sample_rows)(config, options.seeds)


if __name__ == "__main__":
    sys.exit(run_script(sys.modules[__name__]))
