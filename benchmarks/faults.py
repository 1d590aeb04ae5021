"""Faults that are put into a healthy pair of scenes, each as users make them: the files are sound, the scene is wrong.

A fault takes a pair and a generator and returns the pair with the fault, or None where the pair cannot have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Capture, View
from sparsedff.geometry import Float, transform
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.synthetic.families.cross_family import BARS, PLUSH, RIMS
from sparsedff.synthetic.held_out import training_families
from sparsedff.synthetic.pairs import ScenePair, make_pair
from sparsedff.synthetic.rendering.rays import resize_rig
from sparsedff.synthetic.rendering.scene import PlacedObject, Scene, place
from sparsedff.synthetic.rendering.sensor import SensorNoise
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.sample import RIG_FOLDER
from sparsedff.synthetic.shapes.objects import Part, ProceduralObject
from sparsedff.synthetic.shapes.primitives import Ellipsoid

TURN_DEG, SHIFT_PX, ASIDE_M = 10.0, 25, 0.05
FAR_M, DEEP_M, LEAST_DEEP_M, BALL_M = 1.0, 0.043, 0.03, 0.03


@dataclass(frozen=True, eq=False)
class Case:
    """What a fault is put into.

    Attributes:
        pair: healthy.
        family, task: of its demonstration.
        hand: the end effector.
        rng: of the fault's choices.
    """

    pair: ScenePair
    family: str
    task: str
    hand: Hand
    rng: np.random.Generator


Fault = Callable[[Case], ScenePair | None]


def swapped(case: Case) -> ScenePair:
    """Two cameras have each other's calibration."""
    views = case.pair.test.views
    order = np.arange(len(views))
    first, second = case.rng.choice(len(views), 2, replace=False)
    order[[first, second]] = order[[second, first]]
    return _calibrated(case, [views[index].world_from_camera for index in order])


def rotated(case: Case) -> ScenePair:
    """Every camera has the next one's calibration."""
    views = case.pair.test.views
    return _calibrated(case, [views[(index + 1) % len(views)].world_from_camera for index in range(len(views))])


def turned(case: Case) -> ScenePair:
    """One camera is turned by ten degrees about an axis of its own."""
    axis = case.rng.normal(size=3)
    turn = Rotation.from_rotvec(np.deg2rad(TURN_DEG) * axis / np.linalg.norm(axis)).as_matrix()
    return _one_moved(case, lambda view: np.asarray(view.world_from_camera) @ transform(turn, np.zeros(3)))


def aside(case: Case) -> ScenePair:
    """One camera has been pushed by five centimetres along the table."""
    angle = case.rng.uniform(-np.pi, np.pi)
    shift = ASIDE_M * np.array([np.cos(angle), np.sin(angle), 0.0])
    return _one_moved(case, lambda view: transform(np.eye(3), shift) @ np.asarray(view.world_from_camera))


def shifted(case: Case) -> ScenePair:
    """All depth images lie 25 pixels beside the colour images."""
    views = [replace(view, depth_m=np.roll(view.depth_m, SHIFT_PX, axis=1)) for view in case.pair.test.views]
    return _with_views(case, views)


def one_camera(case: Case) -> ScenePair:
    """Only one camera gives images."""
    return _with_views(case, [case.pair.test.views[int(case.rng.integers(len(case.pair.test.views)))]])


def far_hand(case: Case) -> ScenePair:
    """The demonstrated hand stands a metre beside the object."""
    angle = case.rng.uniform(-np.pi, np.pi)
    return _hand_moved(case, FAR_M * np.array([np.cos(angle), np.sin(angle), 0.0]))


def deep_hand(case: Case) -> ScenePair | None:
    """The demonstrated hand has been pushed towards the object's middle until it is 43 mm deep in it.

    Thin things have it as deep as they allow; those that allow less than 30 mm cannot have the fault.
    """
    reference = case.pair.truth.reference
    surface = case.hand.surface_of(case.pair.demonstration)
    way = reference.mesh_world.bounds.mean(axis=0) - surface.mean(axis=0)
    steps = np.arange(0.0, 1.3, 0.02)
    depths = np.array([-float(reference.distance(surface + step * way).min()) for step in steps])
    if depths.max() < LEAST_DEEP_M:
        return None
    first = int((depths >= min(DEEP_M, depths.max())).argmax())
    return _hand_moved(case, steps[first] * way)


def another(case: Case) -> ScenePair | None:
    """The test scene shows a thing that has no part in common with what is held."""
    group = next((group for group in _GROUPS if (case.family, case.task) in group), None)
    if group is None:  # what is like a mug's handle or a bottle's neck is not known
        return None
    others = [name for name in training_families() if name != case.family and not _has(name, group)]
    chosen = others[int(case.rng.integers(len(others)))]
    task = next(iter(_TASKS_OF[chosen]))
    other = make_pair(chosen, task, int(case.rng.integers(1_000_000)), "same_family")
    return case.pair._replace(test=other.test)


def ball(case: Case) -> ScenePair:
    """The test scene shows a ball of three centimetres, of which little stands over what is taken for table."""
    radius = BALL_M / 2
    part = Part("ball", Ellipsoid((radius, radius, radius)), transform(np.eye(3), np.array([0.0, 0.0, radius])), 0.001)
    x, y = case.rng.uniform(-0.05, 0.05, size=2)
    placed = place(ProceduralObject("ball", (part,), _red), x, y, 0.0, 0.001)
    return case.pair._replace(test=_taken(placed, int(case.rng.integers(1_000_000))))


FAULTS: Mapping[str, Fault] = {
    "two cameras' calibration swapped": swapped,
    "all cameras' calibration one further": rotated,
    "one camera turned by 10 degrees": turned,
    "one camera moved by 5 cm along the table": aside,
    "depth shifted by 25 pixels": shifted,
    "one camera only": one_camera,
    "hand shown 1 m away": far_hand,
    "hand 43 mm deep in the object": deep_hand,
    "another object altogether": another,
    "a ball of 3 cm": ball,
}


def _red(_: str, canonical: Float) -> Float:
    return np.tile([0.8, 0.2, 0.15], (len(canonical), 1))


def _taken(placed: PlacedObject, seed: int) -> Capture:
    rig = SimulatedRig(resize_rig(load_rig(RIG_FOLDER), 640))
    return rig.take("ball", Scene(placed), SensorNoise(), (seed, 1))


def _with_views(case: Case, views: list[View]) -> ScenePair:
    return case.pair._replace(test=replace(case.pair.test, views=tuple(views)))


def _calibrated(case: Case, poses: list[Float]) -> ScenePair:
    views = [replace(view, world_from_camera=pose) for view, pose in zip(case.pair.test.views, poses, strict=True)]
    return _with_views(case, views)


def _one_moved(case: Case, pose_of: Callable[[View], Float]) -> ScenePair:
    views = list(case.pair.test.views)
    which = int(case.rng.integers(len(views)))
    views[which] = replace(views[which], world_from_camera=pose_of(views[which]))
    return _with_views(case, views)


def _hand_moved(case: Case, by: Float) -> ScenePair:
    shown = case.pair.demonstration
    return case.pair._replace(demonstration=HandPose(shown.translation + by, shown.rotation, shown.joints))


_GROUPS = (set(BARS), RIMS, PLUSH)
_TASKS_OF = {
    family: tuple(task for group in _GROUPS for name, task in sorted(group) if name == family)
    for family in training_families()
}


def _has(family: str, group: set[tuple[str, str]]) -> bool:
    """Whether a family has a part that can be held as those of a group are."""
    return any((family, task) in group for task in _TASKS_OF[family])
