"""What the network makes of a family that it was not shown: every family left out in turn.

    python -m sparsedff.learn.leave_one_out [--folder data/learned] [--steps 1500] [--members N] [--at-once N]

A row a family: mean distance from the nearest feature to the true point between two random members of it [cm], with the
family left out, with all families shown, and with the embedded shape descriptors alone. Rows appear in
leave_one_out.json as they are done; an interrupted run goes on. Coordinates are those of all families: the space that
is taught stays the same, and only what is shown of it changes. `--at-once 3` leaves out three families at a time: three
times faster, and a little harder for each of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from sparsedff.common.atomic import write_file
from sparsedff.common.console import print_lines
from sparsedff.distill.backbones.handcrafted.groups import fit_group
from sparsedff.distill.backbones.handcrafted.shape_context import shape_context
from sparsedff.distill.backbones.learned.weights import load_network
from sparsedff.errors import DistillError
from sparsedff.files.json_file import read_object
from sparsedff.learn.disturb import CLEAN, Look, look_at_scene
from sparsedff.learn.measure import Features, same_family_error
from sparsedff.learn.robustness import about_vote
from sparsedff.learn.scenes import LearnScene, make_scenes
from sparsedff.learn.settings import LearnSettings
from sparsedff.learn.targets import Targets
from sparsedff.learn.train import make_data, trained
from sparsedff.prepare.threads import torch_threads
from sparsedff.synthetic.held_out import training_families

ROWS = "leave_one_out.json"
MEMBERS, SEED = 9, 777
"""Members by which a family is measured, one with the next, and their seed, which no training uses."""


@dataclass(frozen=True)
class Left:
    """One family.

    Attributes:
        family: its name.
        left_out_cm, shown_cm, shape_cm: mean distance of the nearest feature from the truth [cm]: left out, among all
            (the package's weights), and of the embedded shape descriptors.
    """

    family: str
    left_out_cm: float
    shown_cm: float
    shape_cm: float


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Leave every family out in turn and measure it.")
    parser.add_argument("--folder", type=Path, default=Path("data/learned"), help="where to write (%(default)s)")
    parser.add_argument("--steps", type=int, default=1500, help="of each training (%(default)s)")
    parser.add_argument("--members", type=int, default=60, help="of each family (%(default)s)")
    parser.add_argument("--at-once", type=int, default=1, help="families left out together (%(default)s)")
    options = parser.parse_args(arguments)
    return print_lines(_run(options))


def _run(options: argparse.Namespace) -> Iterator[str]:
    families = training_families()
    settings = LearnSettings(members=options.members, steps=options.steps)
    path = options.folder / ROWS
    rows: dict[str, dict[str, float]] = {}
    if path.exists():
        rows = read_object(path, DistillError, "delete it to measure anew")
    groups = [families[first : first + options.at_once] for first in range(0, len(families), options.at_once)]
    todo = [group for group in groups if not set(group) <= set(rows)]
    if todo:
        with torch_threads(1):
            scenes, targets = make_data(families, settings)
            for group in todo:
                for row in leave_out(group, settings, scenes, targets, options.folder):
                    rows[row.family] = {name: value for name, value in asdict(row).items() if name != "family"}
                options.folder.mkdir(parents=True, exist_ok=True)
                write_file(path, json.dumps(rows, indent=1) + "\n")
                yield f"done: {', '.join(group)}"
    yield "| family | left out [cm] | shown [cm] | shape descriptors [cm] |"
    yield "|---|---|---|---|"
    for family, values in rows.items():
        yield f"| {family} | " + " | ".join(f"{value:.2f}" for value in values.values()) + " |"


def leave_out(
    families: Sequence[str], settings: LearnSettings, scenes: Sequence[LearnScene], targets: Targets, folder: Path
) -> Iterator[Left]:
    """Train on all scenes but those of these families, and measure on other members of each."""
    others = [name for name in targets.templates if name not in families]
    rest = [scene for scene in scenes if scene.family not in families]
    run = trained(others, settings, rest, targets, folder / f"without_{'_'.join(families)}.pt")
    for family in families:
        unseen = make_scenes((family,), MEMBERS, SEED)
        shapes = fit_group(np.concatenate([shape_context(scene.points) for scene in unseen]), components=16)
        ways: tuple[Features, ...] = (
            about_vote(run.network.eval()),
            about_vote(load_network()),
            lambda look, shapes=shapes: shapes(shape_context(look.points)),  # type: ignore[misc]
        )
        yield Left(family, *(100 * family_error(way, targets, unseen) for way in ways))


def family_error(features: Features, targets: Targets, scenes: Sequence[LearnScene]) -> float:
    """Mean `same_family_error` [m] of each scene with the next."""
    looks: list[tuple[LearnScene, Look]] = [
        (scene, look_at_scene(scene, CLEAN, np.random.default_rng([SEED, number])))
        for number, scene in enumerate(scenes)
    ]
    return float(np.nanmean([same_family_error(features, targets, *pair) for pair in pairwise(looks)]))


if __name__ == "__main__":
    sys.exit(main())
