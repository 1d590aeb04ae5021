"""The committed reference grasps: a file per hand, family and task, in the frame of the family's reference member."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparsedff.errors import HandError
from sparsedff.geometry import inverse
from sparsedff.hands.pose import HandPose, load_reference_pose, save_reference_pose
from sparsedff.hands.registry import SHADOW_HAND
from sparsedff.hands.shadow.joints import SHADOW_JOINTS
from sparsedff.synthetic.families.registry import FIRST_FAMILIES, family_of
from sparsedff.synthetic.rendering.scene import PlacedObject

FOLDER = Path(__file__).resolve().parent / "grasps"


def grasp_file(family: str, task: str, effector: str = SHADOW_HAND) -> Path:
    """Where the grasp of a task lies: (1, 9 + J) as every reference pose, but the palm in the object frame.

    Raises:
        ConfigError: no such family or task.
    """
    folder = FOLDER if effector == SHADOW_HAND else FOLDER / effector
    return folder / f"{family}_{family_of(family).task(task).name}.npy"


def committed_tasks(families: Sequence[str] = FIRST_FAMILIES) -> dict[str, tuple[str, ...]]:
    """Tasks of each of the families for which a reference grasp is committed.

    Raises:
        ConfigError: no such family.
    """
    found = {name: tuple(t for t in family_of(name).tasks if grasp_file(name, t).exists()) for name in families}
    return {name: tasks for name, tasks in found.items() if tasks}


def reference_grasp(family: str, task: str, placed: PlacedObject) -> HandPose:
    """The demonstrated grasp of a task, carried to where the reference member stands; in the world.

    Raises:
        ConfigError: no such family or task.
        HandError: no grasp is committed for it.
    """
    return object_grasp(family, task).moved(placed.world_from_object)


def object_grasp(family: str, task: str) -> HandPose:
    """The demonstrated grasp of a task, in the frame of the family's reference member.

    Raises:
        ConfigError: no such family or task.
        HandError: no grasp is committed for it.
    """
    path = grasp_file(family, task)
    if not path.exists():
        raise HandError(
            f"{path}: no reference grasp; find one with "
            f"python -m sparsedff.synthetic.grasping.make --family {family} --task {task}"
        )
    return load_reference_pose(path, SHADOW_JOINTS)


def save_grasp(family: str, task: str, pose: HandPose, placed: PlacedObject, effector: str = SHADOW_HAND) -> Path:
    """Write a grasp of the reference member, given in the world where it is `placed`; returns the file."""
    path = grasp_file(family, task, effector)
    path.parent.mkdir(exist_ok=True)
    save_reference_pose(pose.moved(inverse(placed.world_from_object)), path)
    return path
