"""Does the grasp hold? The hand approaches, closes, lifts and holds a pushed and shaken object, in MuJoCo.

report = lift_trial(mesh, pose, LiftSettings(mass_kg=0.4), seed=0, world_from_object=placed.world_from_object)
rate, reports = lift_rate(mesh, pose, trials=20)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.errors import HandError
from sparsedff.geometry import apply, check_rigid, transform
from sparsedff.hands.approach import plan_approach
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.spec import EndEffector
from sparsedff.physics.control import trial_hand
from sparsedff.physics.model import build_world
from sparsedff.physics.plan import make_plan
from sparsedff.physics.report import LiftReport, judge
from sparsedff.physics.run import run
from sparsedff.physics.settings import LiftSettings

Float = NDArray[np.float64]

_SAMPLES = 800  # object points that the hand keeps clear of on an approach that is not given


def lift_trial(
    mesh: trimesh.Trimesh,
    grasp: HandPose | Sequence[HandPose],
    settings: LiftSettings | None = None,
    seed: int = 0,
    world_from_object: Float | None = None,
    record: bool = False,
    effector: EndEffector | None = None,
) -> LiftReport:
    """Execute a grasp once. The same arguments give the same report.

    Args:
        mesh: the object in its own frame, closed [m]. Kept in that frame, and placed by `world_from_object`, it is
            decomposed into convex parts once, wherever it stands.
        grasp: the grasp alone, to which an open-handed approach is made up; or the whole path with the grasp last,
            followed as it is.
        settings: None takes the defaults.
        seed: of mass, friction and place within the settings' spreads, of pushes and shaking.
        world_from_object: (4, 4); None is the identity. The table is z = 0.
        record: whether the report has frames, for `save_film`.
        effector: whose grasp it is; None is the Shadow Hand.

    Raises:
        PhysicsError: the mesh is not closed.
        MissingPackageError: coacd is not installed.
        HandError: the path is empty, or the hand's model is not installed.
        CalibrationError: `world_from_object` is not rigid.
    """
    settings = settings or LiftSettings()
    placed = np.eye(4) if world_from_object is None else check_rigid(world_from_object, "world_from_object")
    if not isinstance(grasp, HandPose) and not len(grasp):
        raise HandError("lift trial: the path to the grasp has no pose; give at least the grasp itself")
    random = np.random.default_rng(seed)
    mass_kg = settings.mass_kg * (1 + settings.mass_spread * random.uniform(-1, 1))
    friction = settings.friction * (1 + settings.friction_spread * random.uniform(-1, 1))
    hand = trial_hand(effector)
    world = build_world(mesh, mass_kg, friction, settings, hand)
    path = _approach(hand, grasp, mesh, placed) if isinstance(grasp, HandPose) else tuple(grasp)
    moved = _nudge(placed, mesh.center_mass, settings, random)
    plan = make_plan(world, path, settings, random)
    track, frames = run(world, plan, moved, settings, record)
    return replace(judge(track, plan, settings, mass_kg, friction), frames=frames)


def _approach(hand: Hand, grasp: HandPose, mesh: trimesh.Trimesh, world_from_object: Float) -> tuple[HandPose, ...]:
    points = apply(world_from_object, trimesh.sample.sample_surface(mesh, _SAMPLES, seed=0)[0])
    return plan_approach(hand, grasp, points)


def lift_rate(
    mesh: trimesh.Trimesh,
    grasp: HandPose | Sequence[HandPose],
    settings: LiftSettings | None = None,
    trials: int = 20,
    seed: int = 0,
    world_from_object: Float | None = None,
    effector: EndEffector | None = None,
) -> tuple[float, tuple[LiftReport, ...]]:
    """Share of trials in which the object is held, and their reports; trial i has the seed (seed + i).

    Args and raises: as `lift_trial`.
    """
    reports = tuple(
        lift_trial(mesh, grasp, settings, seed + index, world_from_object, effector=effector) for index in range(trials)
    )
    return float(np.mean([report.success for report in reports])), reports


def _nudge(world_from_object: Float, center: Float, settings: LiftSettings, random: np.random.Generator) -> Float:
    """The object a little off and turned about the vertical through its middle."""
    offset = np.append(random.normal(0.0, settings.offset_sd_m, 2), 0.0)
    turn = Rotation.from_euler("z", random.normal(0.0, settings.yaw_sd_rad)).as_matrix()
    middle = world_from_object[:3, :3] @ center + world_from_object[:3, 3]
    return transform(turn, middle + offset - turn @ middle) @ world_from_object
