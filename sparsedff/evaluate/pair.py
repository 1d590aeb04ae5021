"""One pair of a benchmark, start to end: make the scenes, distil once, run every method, measure every answer."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
import trimesh
from threadpoolctl import threadpool_limits

from sparsedff.common.progress import quiet
from sparsedff.config.config import Config
from sparsedff.evaluate.methods import METHODS, Answer, Problem
from sparsedff.evaluate.metrics import contact_error, joint_margin, palm_error, penetration
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.geometry import inverse
from sparsedff.physics.lift import lift_trial
from sparsedff.physics.report import LiftReport
from sparsedff.prepare.distiller import make_distiller
from sparsedff.prepare.inputs import make_hand
from sparsedff.prepare.threads import torch_threads
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
    rows = []
    with one_thread(), quiet():
        scenes, problem = pose_problem(spec, config)
        for name in methods:
            begin = time.perf_counter()
            answer = METHODS[name](problem)
            rows.append(measure(spec, scenes, problem, name, answer, time.perf_counter() - begin))
    return tuple(rows)


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside the block torch and BLAS use one thread: sums come out alike however many workers share the machine."""
    with torch_threads(1), threadpool_limits(1):
        yield


def pose_problem(spec: PairSpec, config: Config) -> tuple[ScenePair, Problem]:
    """Make a pair's scenes, segment and distil both; seeds and threads are the pair's own."""
    scenes = make_pair(spec.family, spec.task, spec.seed, spec.kind, spec.settings)
    # Every pair is seen once: keeping its cloud on disk would only fill the disk.
    distil = replace(config.distil, cache_path=None)
    config = replace(config, seed=spec.seed, threads=1, device="cpu", distil=distil)
    distiller = make_distiller(config)
    first, second = distiller.distil_both((scenes.reference, scenes.test))
    raw = (first.cloud, second.cloud)
    return scenes, Problem(config, raw, distiller, scenes.demonstration, make_hand(config), spec.seed)


def measure(spec: PairSpec, scenes: ScenePair, problem: Problem, method: str, answer: Answer, seconds: float) -> Row:
    """One answer against the truth and in the physics engine."""
    truth, pose, hand = scenes.truth, answer.pose, problem.hand
    shown, landed = hand.surface_of(scenes.demonstration), hand.surface_of(pose)
    near = truth.reference.distance(shown)
    # A box turned by half, a bottle turned by anything is held alike: the nearest of the equal truths counts.
    turns = FAMILIES[truth.test.shape.family].symmetry_of(truth.test.shape) or FULL_SYMMETRY_TURNS
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
    lift = lift_answer(scenes, problem, answer)
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
        float(np.degrees(joint_margin(pose.joints, hand.limits_rad))),
        np.nan if answer.energy is None else answer.energy,
        int(lift.success),
        lift.reason,
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 2**20),
    )


def lift_answer(scenes: ScenePair, problem: Problem, answer: Answer, record: bool = False) -> LiftReport:
    """The lift trial of an answer on the true object, along the answer's own path."""
    test = scenes.truth.test
    solid = trimesh.Trimesh(test.mesh.vertices, test.mesh.faces, process=False)
    return lift_trial(solid, answer.path, problem.config.physics, problem.seed, test.world_from_object, record)
