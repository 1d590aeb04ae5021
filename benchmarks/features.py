"""What features know, without field and hand: `python benchmarks/features.py`.

    python benchmarks/features.py [--seeds 100 101] [--members 3]

First table: mean distance from the nearest feature to the true point on the other object, over the reference points
near the demonstrated grasp, in rendered pairs of training families. Second table: how far learned features move when
less is seen than by four cameras, or more than the object.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from scipy.spatial import cKDTree

from sparsedff.cli.options import add_settings, load
from sparsedff.cli.run import run_script
from sparsedff.config.config import Config
from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.backbones.choose import choose_backbone
from sparsedff.distill.backbones.learned.weights import load_network
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.settings import FeatureSettings
from sparsedff.evaluate.metrics import CONTACT_M
from sparsedff.evaluate.pair import one_thread, pose_problem
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.evaluate.symmetry import nearest_truth
from sparsedff.learn.robustness import moved
from sparsedff.learn.scenes import make_scenes
from sparsedff.synthetic.families.cross_family import partners
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.grasping.reference_grasps import committed_tasks
from sparsedff.synthetic.held_out import training_families
from sparsedff.synthetic.pair_settings import PairSettings

NAMES = ("handcrafted", "learned_only", "learned")
NEAR_M = 0.03
"""Reference points this near a contact count [m]."""
MEMBERS_SEED = 777


def specs(seeds: Sequence[int]) -> Iterator[PairSpec]:
    """A near and a wide relative and, where there is one, a partner of another family, of every family and seed."""
    wide = PairSettings(manner="wide", variation=0.3, yaw_deg=180.0)
    for family, tasks in committed_tasks(training_families()).items():
        for seed in seeds:
            yield PairSpec(family, tasks[seed % len(tasks)], "same_family", seed, PairSettings(), "near")
            yield PairSpec(family, tasks[seed % len(tasks)], "same_family", seed, wide, "wide")
            across = [task for task in tasks if partners(family, task, training_families())]
            if across:
                settings = PairSettings(new_partners=True)
                yield PairSpec(family, across[seed % len(across)], "cross_family", seed, settings, "across")


def errors(spec: PairSpec, config: Config, backbones: Sequence[Backbone]) -> list[float]:
    """Mean distance [m] of the nearest feature from the truth on one pair, of each backbone."""
    # The raw cloud of `learned` holds what the others need too; each takes its part.
    scenes, problem = pose_problem(spec, config)
    truth, (reference, test) = scenes.truth, problem.raw
    shown = problem.hand.surface_of(scenes.demonstration)
    contacts = shown[np.abs(truth.reference.distance(shown)) < CONTACT_M]
    points = reference.points.astype(np.float64)
    near = cKDTree(contacts).query(points)[0] < NEAR_M
    symmetry = FAMILIES[truth.test.shape.family].symmetry_of(truth.test.shape)
    found = []
    for backbone in backbones:
        fitted = backbone.fit(_part(reference, backbone))
        ours, theirs = (fitted(_part(cloud, backbone)).features for cloud in (reference, test))
        matched = test.points[cKDTree(theirs).query(ours[near], p=1)[1]].astype(np.float64)
        mapped = truth.map_points(points[near])
        mapped = nearest_truth(matched, mapped, np.zeros(len(mapped)), truth.test.world_from_object, symmetry)
        found.append(float(np.linalg.norm(matched - mapped, axis=1).mean()))
    return found


def _part(cloud: FeatureCloud, backbone: Backbone) -> FeatureCloud:
    return cloud.with_features(cloud.features[:, :-3]) if backbone.name == "handcrafted" else cloud


SUMMARY = __doc__.splitlines()[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the benchmark."""
    parser.add_argument("--seeds", type=int, nargs="+", default=[100], help="of the pairs (%(default)s)")
    parser.add_argument("--members", type=int, default=3, help="of each family, for robustness (%(default)s)")
    add_settings(parser, "img_preprocess=[physics,physics]")


def run(options: argparse.Namespace) -> Iterator[str]:
    """Both tables."""
    config = load(options, "backbone=learned", "img_preprocess=[physics,physics]", "device=cpu")
    backbones = [choose_backbone(name, FeatureSettings(), torch.device("cpu"))[0] for name in NAMES]
    rows: dict[str, list[list[float]]] = {}
    with one_thread():
        for spec in specs(options.seeds):
            rows.setdefault(spec.suite, []).append(errors(spec, config, backbones))
            yield f"{spec.name}: " + ", ".join(f"{100 * error:.2f}" for error in rows[spec.suite][-1])
        yield f"| nearest feature to the truth [cm] | pairs | {' | '.join(NAMES)} |"
        yield "|---|---|" + "---|" * len(NAMES)
        for kind, found in rows.items():
            cells = (f"{np.mean(one):.2f} ({np.median(one):.2f})" for one in 100 * np.array(found).T)
            yield f"| {kind}, mean (median) | {len(found)} | {' | '.join(cells)} |"
        yield "| seen | moved about the centroid [cm] | about the vote [cm] | centroid off [cm] | vote off [cm] |"
        yield "|---|---|---|---|---|"
        scenes = make_scenes(training_families(), options.members, MEMBERS_SEED)
        for row in moved(load_network(), scenes):
            values = (row.centroid_m, row.voted_m, row.middle_centroid_m, row.middle_voted_m)
            yield f"| {row.case} | " + " | ".join(f"{100 * value:.2f}" for value in values) + " |"


if __name__ == "__main__":
    sys.exit(run_script(sys.modules[__name__]))
