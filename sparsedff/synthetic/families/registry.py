"""All families by name: how to build a member, how to draw a random one, what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families import monkey, tasks
from sparsedff.synthetic.families.bottle import BottleParameters, build_bottle
from sparsedff.synthetic.families.bowl import BowlParameters, build_bowl
from sparsedff.synthetic.families.box import BoxParameters, build_box
from sparsedff.synthetic.families.drill import DrillParameters, build_drill
from sparsedff.synthetic.families.mug import MugParameters, build_mug
from sparsedff.synthetic.families.pan import PanParameters, build_pan
from sparsedff.synthetic.families.parameters import vary
from sparsedff.synthetic.families.teddy import TeddyParameters, build_teddy
from sparsedff.synthetic.grasping.task import GraspTask
from sparsedff.synthetic.shapes.objects import ProceduralObject


@dataclass(frozen=True)
class Family:
    """A kind of thing.

    Attributes:
        name: as in FAMILIES.
        reference: parameters of the demonstrated member, which the committed grasps fit.
        build: parameters to the object.
        tasks: the grasps asked for, by name.
        cell_m: resolution of meshes [m], fine enough for the thinnest wall.
        symmetry: number of turns about the vertical that leave the *shape* (not the print) as it is: 1 the full turn
            alone, 2 also the half turn, as of a box, 0 every turn.
        mass_kg: of a typical member.
    """

    name: str
    reference: Any
    build: Callable[[Any], ProceduralObject]
    tasks: dict[str, GraspTask]
    cell_m: float
    symmetry: int
    mass_kg: float

    def task(self, name: str) -> GraspTask:
        """The task of that name.

        Raises:
            ConfigError: there is none; names those there are.
        """
        if name not in self.tasks:
            raise ConfigError(f"{self.name} has no task {name!r}, only {', '.join(self.tasks)}")
        return self.tasks[name]

    def parameters_from_json(self, entries: dict[str, Any]) -> Any:
        """Parameters from what their `to_json` wrote."""
        return type(self.reference).from_json(entries)


def _family(
    name: str,
    reference: Any,
    build: Callable[[Any], ProceduralObject],
    asked: tuple[GraspTask, ...],
    cell_m: float,
    symmetry: int,
    mass_kg: float,
) -> Family:
    return Family(name, reference, build, {task.name: task for task in asked}, cell_m, symmetry, mass_kg)


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        # The sample's monkey, so that its demonstration is one of ours.
        _family("monkey", monkey.REFERENCE, monkey.build_monkey, tasks.MONKEY, 0.0025, 1, 0.15),
        _family("mug", MugParameters(), build_mug, tasks.MUG, 0.002, 1, 0.30),
        _family("bottle", BottleParameters(), build_bottle, tasks.BOTTLE, 0.002, 0, 0.30),
        _family("box", BoxParameters(), build_box, tasks.BOX, 0.002, 2, 0.20),
        _family("teddy", TeddyParameters(), build_teddy, tasks.TEDDY, 0.0025, 1, 0.15),
        _family("drill", DrillParameters(), build_drill, tasks.DRILL, 0.002, 1, 0.60),
        _family("pan", PanParameters(), build_pan, tasks.PAN, 0.002, 1, 0.30),
        _family("bowl", BowlParameters(), build_bowl, tasks.BOWL, 0.002, 0, 0.20),
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


def sample_member(family: str, rng: np.random.Generator, variation: float = 0.12) -> Any:
    """Parameters of a random member: a relative of the reference, other proportions, posture and colours.

    Args:
        family: name in FAMILIES.
        rng: of everything.
        variation: 0.05 to 0.2: how far proportions go from the reference (`parameters.vary`).

    Raises:
        ConfigError: no such family, or a variation outside [0, 0.3].
    """
    return vary(family_of(family).reference, rng, variation)
