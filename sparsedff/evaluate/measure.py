"""One answer of a method against the truth and in the physics engine."""

from __future__ import annotations

import resource
import sys

import numpy as np
import torch
import trimesh

from sparsedff.evaluate.floors import Floors
from sparsedff.evaluate.methods import Answer, Problem
from sparsedff.evaluate.metrics import CONTACT_M, contact_error, contact_turn, joint_margin, penetration
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.evaluate.symmetry import nearest_mapped, symmetric_palm_error
from sparsedff.geometry import apply, inverse
from sparsedff.judge.commanded import commanded_depths
from sparsedff.judge.on_part import share_on_part
from sparsedff.judge.verdict import misplaced
from sparsedff.physics.lift import lift_trial
from sparsedff.physics.report import LiftReport
from sparsedff.physics.robust import robustness
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.pairs import ScenePair


def measure(
    spec: PairSpec,
    scenes: ScenePair,
    problem: Problem,
    floors: Floors,
    method: str,
    answer: Answer,
    seconds: float,
) -> Row:
    """All columns of one answer.

    Args:
        spec, scenes, problem, floors: the pair.
        method: its name.
        answer: what it found.
        seconds: what that took [s].
    """
    truth, pose, hand, config = scenes.truth, answer.pose, problem.hand, problem.config
    test = truth.test
    shown, landed = hand.surface_of(scenes.demonstration), hand.surface_of(pose)
    near, distance = truth.reference.distance(shown), test.distance(landed)
    symmetry = FAMILIES[test.shape.family].symmetry_of(test.shape)
    mapped = nearest_mapped(truth, landed, shown, near)
    contact_m, turn_rad = contact_error(landed, mapped, near), contact_turn(landed, mapped, near)
    palm_m, palm_rad = np.nan, np.nan
    if spec.kind == "same_object":
        test_from_reference = test.world_from_object @ inverse(truth.reference.world_from_object)
        demonstrated = scenes.demonstration.moved(test_from_reference)
        palm_m, palm_rad = symmetric_palm_error(pose, demonstrated, test.world_from_object, symmetry)
    with torch.no_grad():
        links = hand.world_from_links(*hand.pose_tensors(pose))
        self_depth = float(hand.self_penetration(links)[0])
    lift = lift_answer(scenes, problem, answer)
    commanded = commanded_depths(hand, answer.path, test, config.judge.path_end_m)
    fault = misplaced(lift.success, contact_m, turn_rad, commanded, config.judge)
    contacts = mapped[np.abs(near) < CONTACT_M], landed[distance < CONTACT_M]
    solid, placed = _solid(scenes), test.world_from_object
    lifts, offset_m = config.judge.robust_lifts, config.judge.robust_offset_m
    return Row(
        spec.name,
        spec.family,
        spec.task,
        spec.kind,
        spec.seed,
        method,
        100 * contact_m,
        100 * palm_m,
        float(np.degrees(palm_rad)),
        1000 * penetration(distance),
        1000 * self_depth,
        float(np.degrees(joint_margin(pose.joints, hand.limits_rad))),
        np.nan if answer.energy is None else answer.energy,
        int(lift.success),
        lift.reason,
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 2**20),
        placed=float(not fault),
        misplaced=fault,
        turn_deg=float(np.degrees(turn_rad)),
        commanded_penetration_mm=1000 * commanded.penetration_m,
        under_table_mm=1000 * commanded.under_table_m,
        robust=robustness(solid, answer.path, config.physics, problem.seed, placed, lifts, offset_m, hand.spec),
        on_part=share_on_part(test.shape, *(apply(inverse(placed), points) for points in contacts)),
        symmetric=float(symmetry != 1),
        hand_floor_cm=100 * floors.hand_m,
        alignment_floor_cm=100 * floors.alignment_m,
    )


def lift_answer(scenes: ScenePair, problem: Problem, answer: Answer, record: bool = False) -> LiftReport:
    """The lift trial of an answer on the true object, along the answer's own path."""
    placed = scenes.truth.test.world_from_object
    return lift_trial(
        _solid(scenes), answer.path, problem.config.physics, problem.seed, placed, record, problem.hand.spec
    )


def _solid(scenes: ScenePair) -> trimesh.Trimesh:
    mesh = scenes.truth.test.mesh
    return trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
