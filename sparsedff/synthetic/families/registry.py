"""All families by name: how to build a member, how to draw a random one, what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families import monkey, tasks
from sparsedff.synthetic.families.bottle import BottleParameters, build_bottle
from sparsedff.synthetic.families.bowl import BowlParameters, build_bowl
from sparsedff.synthetic.families.box import BoxParameters, build_box
from sparsedff.synthetic.families.drill import DrillParameters, build_drill
from sparsedff.synthetic.families.flashlight import FlashlightParameters, build_flashlight
from sparsedff.synthetic.families.hammer import HammerParameters, build_hammer
from sparsedff.synthetic.families.hand_brush import BrushParameters, build_brush
from sparsedff.synthetic.families.jug import JugParameters, build_jug
from sparsedff.synthetic.families.manners import MANNERS
from sparsedff.synthetic.families.mug import MugParameters, build_mug
from sparsedff.synthetic.families.pan import PanParameters, build_pan
from sparsedff.synthetic.families.pot import PotParameters, build_pot
from sparsedff.synthetic.families.spray import SprayParameters, build_spray
from sparsedff.synthetic.families.teddy import TeddyParameters, build_teddy
from sparsedff.synthetic.grasping.task import GraspTask
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.objects import ProceduralObject


@dataclass(frozen=True)
class Family:
    """A kind of thing.

    Attributes:
        name: as in FAMILIES.
        reference: parameters of the demonstrated member, which the committed grasps fit.
        build: parameters to the object.
        grasps: the tasks asked for; names unique.
        cell_m: resolution of meshes [m], fine enough for the thinnest wall.
        symmetry: number of turns about the vertical that leave the *shape* (not the print) as it is: 1 the full turn
            alone, 2 also the half turn, as of a box, 0 every turn.
        mass_kg: of a typical member.
    """

    name: str
    reference: Any
    build: Callable[[Any], ProceduralObject]
    grasps: tuple[GraspTask, ...]
    cell_m: float
    symmetry: int
    mass_kg: float

    @property
    def tasks(self) -> dict[str, GraspTask]:
        """The grasps asked for, by name."""
        return {task.name: task for task in self.grasps}

    def task(self, name: str) -> GraspTask:
        """The task of that name.

        Raises:
            ConfigError: there is none; names those there are.
        """
        if name not in self.tasks:
            raise ConfigError(f"{self.name} has no task {name!r}, only {', '.join(self.tasks)}")
        return self.tasks[name]

    def tasks_of(self, parameters: Any) -> tuple[str, ...]:
        """Names of the tasks that a member can be held by: those of whose regions it has the parts."""
        names = {part.name for part in self.build(parameters).parts}
        return tuple(name for name, task in self.tasks.items() if set(task.parts) <= names)

    def symmetry_of(self, shape: ProceduralObject) -> int:
        """`symmetry` of a member; a mug without a handle looks the same after every turn, as a bowl does."""
        return 0 if _is_turned(shape) else self.symmetry

    def parameters_from_json(self, entries: dict[str, Any]) -> Any:
        """Parameters from what their `to_json` wrote."""
        return type(self.reference).from_json(entries)


FIRST_FAMILIES = ("monkey", "mug", "bottle", "box", "teddy", "drill", "pan", "bowl")
"""The families of the suite `quick` and of all tables before others came; clutter is drawn from them too."""

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        # The sample's monkey, so that its demonstration is one of ours.
        Family("monkey", monkey.REFERENCE, monkey.build_monkey, tasks.MONKEY, 0.0025, 1, 0.15),
        Family("mug", MugParameters(), build_mug, tasks.MUG, 0.002, 1, 0.30),
        Family("bottle", BottleParameters(), build_bottle, tasks.BOTTLE, 0.002, 0, 0.30),
        Family("box", BoxParameters(), build_box, tasks.BOX, 0.002, 2, 0.20),
        Family("teddy", TeddyParameters(), build_teddy, tasks.TEDDY, 0.0025, 1, 0.15),
        Family("drill", DrillParameters(), build_drill, tasks.DRILL, 0.002, 1, 0.60),
        Family("pan", PanParameters(), build_pan, tasks.PAN, 0.002, 1, 0.30),
        Family("bowl", BowlParameters(), build_bowl, tasks.BOWL, 0.002, 0, 0.20),
        Family("jug", JugParameters(), build_jug, tasks.JUG, 0.002, 1, 0.35),
        Family("hammer", HammerParameters(), build_hammer, tasks.HAMMER, 0.002, 1, 0.40),
        Family("flashlight", FlashlightParameters(), build_flashlight, tasks.FLASHLIGHT, 0.002, 0, 0.20),
        Family("brush", BrushParameters(), build_brush, tasks.BRUSH, 0.002, 1, 0.20),
        Family("pot", PotParameters(), build_pot, tasks.POT, 0.002, 2, 0.30),
        Family("spray", SprayParameters(), build_spray, tasks.SPRAY, 0.002, 1, 0.30),
    )
}


def family_of(name: str) -> Family:
    """The family of that name.

    Raises:
        ConfigError: there is none; names those there are.
    """
    if name not in FAMILIES:
        raise ConfigError(f"no family {name!r}; there are {', '.join(FAMILIES)}")
    return FAMILIES[name]


def sample_member(
    family: str,
    rng: np.random.Generator,
    variation: float = 0.12,
    manner: str = "near",
    task: str | None = None,
) -> Any:
    """Parameters of a random member: a relative of the reference, other proportions, posture and colours.

    Args:
        family: name in FAMILIES.
        rng: of everything.
        variation: 0.05 to 0.2 for near relatives, up to 0.3 for wide ones: how far proportions go from the reference.
        manner: of drawing, one of MANNERS: near or wide.
        task: the member can be held by this task; where it lost a part for that, it has all parts of the reference.

    Raises:
        ConfigError: no such family, manner or task, or a variation outside [0, 0.3].
    """
    kind = family_of(family)
    member = MANNERS.load(manner)(kind.reference, rng, variation)
    if task is not None and kind.task(task).name not in kind.tasks_of(member):
        flags = {entry.name for entry in fields(member) if isinstance(getattr(member, entry.name), bool)}
        member = replace(member, **{name: getattr(kind.reference, name) for name in flags})
    return member


def _is_turned(shape: ProceduralObject) -> bool:
    """Whether all parts are turned about the object's vertical axis."""
    return all(
        isinstance(part.primitive, Lathe)
        and np.allclose(part.object_from_part[:2, 3], 0.0)
        and np.allclose(part.object_from_part[:3, 2], (0.0, 0.0, 1.0))
        for part in shape.parts
    )
