"""One pair of a benchmark, start to end: make the scenes, distil once, run every method, measure every answer."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import trimesh

from sparsedff.config import Config
from sparsedff.evaluate.methods import METHODS, Answer, Problem
from sparsedff.evaluate.metrics import contact_error, joint_margin, palm_error, penetration
from sparsedff.evaluate.physics import lift_trial
from sparsedff.evaluate.physics_settings import LiftSettings
from sparsedff.evaluate.suite import PairSpec
from sparsedff.geometry import inverse
from sparsedff.hands.shadow import ShadowHand
from sparsedff.inputs import Inputs, workspace_of
from sparsedff.models import choose_models
from sparsedff.progress import quiet
from sparsedff.scenes import distil_both
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.pairs import ScenePair, make_pair

FULL_SYMMETRY_TURNS = 36
"""An object of revolution is compared at so many turns about its axis."""


@dataclass(frozen=True)
class Row:
    """One method's result on one pair; the columns of the results file.

    Attributes:
        pair, family, task, kind, seed, method: what was run.
        contact_cm: mean distance between where contact points landed and where the truth maps them [cm]; of an object
            that has the same shape after a turn, the smallest over such turns.
        palm_cm, palm_deg: error of the palm [cm, deg]; NaN where the truth has no pose (another object).
        penetration_mm: deepest hand point inside the true object [mm].
        self_penetration_mm: summed depth of the hand's links in each other [mm].
        joint_margin_deg: smallest distance of a joint to its limits [deg].
        energy: weighted energy found; NaN for methods that minimise none.
        lifted: 1 if the grasp held in the physics engine, else 0.
        lift_reason: what the physics tester says.
        seconds: of this method, after distillation.
        memory_mb: peak resident memory of the process so far [MB].
    """

    pair: str
    family: str
    task: str
    kind: str
    seed: int
    method: str
    contact_cm: float
    palm_cm: float
    palm_deg: float
    penetration_mm: float
    self_penetration_mm: float
    joint_margin_deg: float
    energy: float
    lifted: int
    lift_reason: str
    seconds: float
    memory_mb: float


def run_pair(spec: PairSpec, config: Config, methods: Sequence[str] = tuple(METHODS)) -> tuple[Row, ...]:
    """All methods on one pair. The same arguments give the same numbers (seconds and memory aside) in any process.

    Args:
        spec: the pair.
        config: of the transfer and the physics; its seed is replaced by the pair's.
        methods: names in METHODS.
    """
    torch.set_num_threads(1)  # results must not depend on how many workers share the machine
    scenes = make_pair(spec.family, spec.task, spec.seed, spec.kind)
    config = replace(config, seed=spec.seed)
    hand = ShadowHand(config.hand_model.pt_nums, config.hand_model.tip_aug, spec.seed)
    rows = []
    with quiet():
        problem = make_problem(scenes, config, hand)
        for name in methods:
            begin = time.perf_counter()
            answer = METHODS[name](problem)
            rows.append(measure(spec, scenes, config, hand, name, answer, time.perf_counter() - begin))
    return tuple(rows)


def make_problem(scenes: ScenePair, config: Config, hand: ShadowHand) -> Problem:
    """Segment and distil both scenes of a pair."""
    models = choose_models(config, torch.device("cpu"))
    captures = (scenes.reference, scenes.test)
    inputs = Inputs(captures, scenes.demonstration, models.segmenters, workspace_of(config))
    # Every pair is seen once: keeping its cloud on disk would only fill the disk.
    _, raw = distil_both(replace(config, cache_path=None), inputs, models.backbone)
    return Problem(config, raw, models.backbone, scenes.demonstration, hand, config.seed)


def measure(
    spec: PairSpec, scenes: ScenePair, config: Config, hand: ShadowHand, method: str, answer: Answer, seconds: float
) -> Row:
    """One answer against the truth and in the physics engine."""
    truth, pose = scenes.truth, answer.pose
    shown, landed = hand.surface_of(scenes.demonstration), hand.surface_of(pose)
    near = truth.reference.distance(shown)
    # A box turned by half, a bottle turned by anything is held alike: the nearest of the equal truths counts.
    turns = FAMILIES[spec.family].symmetry or FULL_SYMMETRY_TURNS
    contact = min(
        contact_error(landed, truth.turned(2 * np.pi * turn / turns).map_points(shown), near) for turn in range(turns)
    )
    palm_m, palm_rad = np.nan, np.nan
    if spec.kind == "same_object":
        test_from_reference = truth.test.world_from_object @ inverse(truth.reference.world_from_object)
        palm_m, palm_rad = palm_error(pose, scenes.demonstration.moved(test_from_reference))
    with torch.no_grad():
        links = hand.world_from_links(*hand.pose_tensors(pose))
        self_depth = float(hand.self_penetration(links)[0])
    settings = replace(LiftSettings(), mass_kg=config.physics.mass_kg, friction=config.physics.friction)
    solid = trimesh.Trimesh(truth.test.mesh.vertices, truth.test.mesh.faces, process=False)
    lift = lift_trial(solid, pose, settings, spec.seed, truth.test.world_from_object)
    return Row(
        spec.name,
        spec.family,
        spec.task,
        spec.kind,
        spec.seed,
        method,
        100 * contact,
        100 * palm_m,
        float(np.degrees(palm_rad)),
        1000 * penetration(truth.test.distance(landed)),
        1000 * self_depth,
        float(np.degrees(joint_margin(pose.joints, hand.model.joint_limits))),
        np.nan if answer.energy is None else answer.energy,
        int(lift.success),
        lift.reason,
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 2**20),
    )
