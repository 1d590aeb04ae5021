"""Grasps of reference members as the benchmark measures them, without captures."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
import trimesh

from sparsedff.config.config import Config
from sparsedff.evaluate.floors import Floors
from sparsedff.evaluate.measure import measure
from sparsedff.evaluate.methods import Answer, Problem
from sparsedff.evaluate.row import Row
from sparsedff.evaluate.suites.base import PairSpec
from sparsedff.hands.approach import densified, plan_approach
from sparsedff.hands.pose import HandPose
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.hand import ShadowHand
from sparsedff.judge.settings import JudgeSettings
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.grasping.reference_grasps import reference_grasp
from sparsedff.synthetic.pairs import ScenePair
from sparsedff.synthetic.rendering.scene import PlacedObject, place
from sparsedff.synthetic.truth import Truth


@lru_cache(maxsize=1)
def the_hand() -> ShadowHand:
    return ShadowHand(HandSettings())


@cache
def standing(family: str) -> PlacedObject:
    """The reference member in the middle of the table."""
    known = FAMILIES[family]
    return place(known.build(known.reference), 0.0, 0.0, 0.0, known.cell_m)


def judged(
    family: str,
    task: str,
    pose: HandPose,
    placed: PlacedObject | None = None,
    path: tuple[HandPose, ...] | None = None,
    robust_lifts: int = 0,
) -> Row:
    """The row of a pose for the object as demonstrated, or elsewhere; the path is planned from the true surface."""
    test = placed or standing(family)
    demonstration = reference_grasp(family, task, standing(family))
    truth = Truth(standing(family), test)
    scenes = ScenePair(None, None, truth, demonstration)  # type: ignore[arg-type]
    config = replace(Config(), judge=JudgeSettings(robust_lifts=robust_lifts))
    nothing = np.empty((0, 3))
    problem = Problem(config, None, None, demonstration, the_hand(), 0, nothing, truth)  # type: ignore[arg-type]
    if path is None:
        points = trimesh.sample.sample_surface(test.mesh_world, 3000, seed=0)[0]
        path = densified(plan_approach(the_hand(), pose, points))
    spec = PairSpec(family, task, "same_object", 0)
    floors = Floors(np.nan, np.nan)  # they say nothing about a pose
    return measure(spec, scenes, problem, floors, "sparsedff", Answer(pose, path), 0.0)


def about(placed: PlacedObject, degrees: float) -> np.ndarray:
    """(4, 4) turn of the world about the vertical through the object's origin."""
    turn, angle = np.eye(4), np.deg2rad(degrees)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    move = np.eye(4)
    move[:3, 3] = placed.world_from_object[:3, 3]
    return move @ turn @ np.linalg.inv(move)


def shift(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> np.ndarray:
    """(4, 4) motion by so many metres."""
    motion = np.eye(4)
    motion[:3, 3] = x, y, z
    return motion
