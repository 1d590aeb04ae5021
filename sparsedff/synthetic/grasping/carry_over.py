"""Reference grasps of other hands than the Shadow Hand: its own, carried over by the fingers' roles, checked by lifts.

    python -m sparsedff.synthetic.grasping.carry_over --end-effector parallel_gripper --family mug --task handle

The command writes grasps/END_EFFECTOR/FAMILY_TASK.npy beside this file. A task without such a file is carried over
when it is asked for, which takes some seconds, and without a lift.
"""

from __future__ import annotations

import argparse
import sys
from functools import lru_cache

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray

from sparsedff.errors import HandError, SparseDFFError
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose, load_reference_pose
from sparsedff.hands.registry import SHADOW_HAND, end_effector
from sparsedff.hands.retarget import retargeted
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.spec import EndEffector
from sparsedff.physics.lift import lift_rate
from sparsedff.synthetic.families.registry import FAMILIES
from sparsedff.synthetic.grasping.reference_grasps import grasp_file, object_grasp, save_grasp
from sparsedff.synthetic.rendering.scene import PlacedObject, place

Float = NDArray[np.float64]

_POINTS = 3000  # of the object's surface
_DEEPEST_M = 0.003  # a grasp that lies deeper in the object is not tried
_TRIED = 4


def hand_grasp(family: str, task: str, spec: EndEffector, placed: PlacedObject) -> HandPose:
    """The demonstrated grasp of a task with any hand, where the reference member stands; in the world.

    Raises:
        ConfigError: no such family or task.
        HandError: no grasp is committed for the Shadow Hand either.
    """
    return _object_grasp(family, task, spec).moved(placed.world_from_object)


@lru_cache(maxsize=64)
def _object_grasp(family: str, task: str, spec: EndEffector) -> HandPose:
    path = grasp_file(family, task, spec.name)
    if path.exists():
        return load_reference_pose(path, spec.layout)
    return carried_over(_member(family), family, task, _hand(spec))[0]


def carried_over(member: PlacedObject, family: str, task: str, hand: ModelHand) -> tuple[HandPose, ...]:
    """The Shadow Hand's grasp of a task with another hand, best first; `member` stands in its object's frame."""
    points = np.asarray(trimesh.sample.sample_surface(member.mesh_world, _POINTS, seed=0)[0], dtype=np.float64)
    shown = object_grasp(family, task)
    return retargeted(_hand(end_effector(SHADOW_HAND)), shown, hand, points)


@lru_cache(maxsize=8)
def _hand(spec: EndEffector) -> ModelHand:
    return ModelHand(spec, HandSettings(pt_nums=200))


@lru_cache(maxsize=16)
def _member(family: str) -> PlacedObject:
    kind = FAMILIES[family]
    return place(kind.build(kind.reference), 0.0, 0.0, 0.0, kind.cell_m)


def deepest(hand: ModelHand, pose: HandPose, placed: PlacedObject) -> float:
    """How deep [m] hand and object lie in each other."""
    surface = placed.mesh_world.vertices
    with torch.no_grad():
        links = hand.world_from_links(*hand.pose_tensors(pose))
        inside = -float(hand.distance(links, torch.tensor(np.asarray(surface), dtype=hand.dtype)).min())
    return max(0.0, inside, -float(placed.distance(hand.mesh(pose)[0]).min()))


def choose(family: str, task: str, hand: ModelHand, trials: int) -> tuple[HandPose, float, float]:
    """The carried grasp that holds most often, its share of held lifts, and its depth in the object [m].

    Raises:
        HandError: none keeps out of the object.
    """
    member = _member(family)
    found = []
    for pose in carried_over(member, family, task, hand):
        depth = deepest(hand, pose, member)
        if depth < _DEEPEST_M:
            where = member.world_from_object
            rate, _ = lift_rate(member.mesh_object, pose, trials=trials, world_from_object=where, effector=hand.spec)
            found.append((rate, -depth, pose))
        if len(found) == _TRIED or (found and found[-1][0] == 1.0):
            break
    if not found:
        raise HandError(f"{hand.spec.name} {family} {task}: no way to hold it keeps out of the object")
    rate, depth, pose = max(found, key=lambda one: one[:2])
    return pose, rate, -depth


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Carry the Shadow Hand's reference grasps over to another hand.")
    parser.add_argument("--end-effector", required=True, help="its name, or the path of its file")
    parser.add_argument("--family", required=True, choices=[*FAMILIES])
    parser.add_argument("--task", required=True, help="one of the family's tasks, or all")
    parser.add_argument("--trials", type=int, default=5, help="lifts of each grasp (%(default)s)")
    parser.add_argument("--least", type=float, default=0.8, help="share of held lifts to be written (%(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    missing = 0
    tasks = FAMILIES[arguments.family].tasks if arguments.task == "all" else (arguments.task,)
    for task in tasks:
        try:
            hand = _hand(end_effector(arguments.end_effector))
            pose, rate, depth = choose(arguments.family, task, hand, arguments.trials)
            said = f"{hand.spec.name} {arguments.family} {task}: held in {rate:.0%}, {1000 * depth:.1f} mm deep"
            if rate < arguments.least:
                raise HandError(f"{said}; that is too seldom")
            print(f"{said}: {save_grasp(arguments.family, task, pose, _member(arguments.family), hand.spec.name)}")
        except (SparseDFFError, OSError) as error:
            missing += 1
            print(f"error: {error}", file=sys.stderr)
    return 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
