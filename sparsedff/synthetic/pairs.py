"""Pairs of scenes with a demonstration and its ground truth, for benchmarks.

    reference, test, truth, demonstration = make_pair("mug", "rim", seed=3, kind="same_family")

The reference scene shows the family's reference member, which the committed grasp holds; the test scene shows the same
thing elsewhere, a relative of it, or a thing of another family that can be held likewise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Capture, Rig
from sparsedff.errors import ConfigError
from sparsedff.hands.pose import HandPose
from sparsedff.synthetic.families.cross_family import partners
from sparsedff.synthetic.families.parameters import vary
from sparsedff.synthetic.families.registry import FAMILIES, Family, family_of
from sparsedff.synthetic.grasping.reference_grasps import reference_grasp
from sparsedff.synthetic.rendering.rays import resize_rig
from sparsedff.synthetic.rendering.scene import PlacedObject, Scene, place
from sparsedff.synthetic.rendering.sensor import SensorNoise
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.rendering.surroundings import Surroundings, surround
from sparsedff.synthetic.sample import RIG_FOLDER
from sparsedff.synthetic.truth import Truth

KINDS = ("same_object", "same_family", "cross_family")
"""same_object: the same thing elsewhere, other noise. same_family: another member, other proportions and colours.
cross_family: another kind of thing that can be held likewise, such as a box's body and a drill's handle."""


@dataclass(frozen=True)
class PairSettings:
    """How scenes are made.

    Attributes:
        width_px: of the images; heights follow.
        variation: how far a relative's proportions go (`parameters.vary`).
        shift_m: the test object stands within this of the table's middle along x and along y [m].
        yaw_rad: the test object is turned by up to this against the reference [rad].
        around: surroundings of the test scene; the reference scene shows the lone object.
        noise: of the sensors.
    """

    width_px: int = 640
    variation: float = 0.12
    shift_m: float = 0.06
    yaw_rad: float = float(np.deg2rad(45.0))
    around: Surroundings = field(default_factory=Surroundings)
    noise: SensorNoise = field(default_factory=SensorNoise)


class ScenePair(NamedTuple):
    """Two captures, the truth about them, and the demonstration.

    Attributes:
        reference, test: captures with the cameras' poses.
        truth: which point of the reference object is which of the test object; has the objects' meshes.
        demonstration: the hand on the reference object, in the world.
    """

    reference: Capture
    test: Capture
    truth: Truth
    demonstration: HandPose


def make_pair(
    family: str, task: str, seed: int, kind: str = "same_family", settings: PairSettings | None = None
) -> ScenePair:
    """Render a pair. The same arguments give the same bytes in any process.

    Args:
        family, task: of the demonstration: names in FAMILIES and in its tasks.
        seed: of the test member, its place, its surroundings and the noise of the test capture.
        kind: one of KINDS.
        settings: None takes the defaults.

    Raises:
        ConfigError: no such family, task or kind; or the grasp carries over to no other family.
        HandError: no reference grasp is committed for the task.
    """
    settings = settings or PairSettings()
    known = family_of(family)
    known.task(task)
    if kind not in KINDS:
        raise ConfigError(f"kind of a pair must be one of {', '.join(KINDS)}, got {kind!r}")
    rng = np.random.default_rng([seed, *family.encode(), *kind.encode()])
    shown, parameters, grips = known, known.reference, None
    if kind == "cross_family":
        others = partners(family, task)
        if not others:
            raise ConfigError(f"{family} {task} carries over to no other family; use same_object or same_family")
        other = others[seed % len(others)]
        shown, grips = FAMILIES[other[0]], (task, other[1])
        parameters = shown.reference
    if kind != "same_object":
        parameters = vary(parameters, rng, settings.variation)
    placed = _standing(
        shown,
        parameters,
        (float(rng.uniform(-1, 1)) * settings.shift_m, float(rng.uniform(-1, 1)) * settings.shift_m),
        float(rng.uniform(-1, 1)) * settings.yaw_rad,
    )
    cameras = _cameras(settings.width_px)
    scene = surround(placed, settings.around, cameras.rig, rng)
    name = f"{family}-{task}-{kind}-{seed}"
    capture = cameras.take(name, scene, settings.noise, (seed, 1))
    reference, member = _reference(family, settings.width_px, settings.noise)
    truth = Truth(member, placed, grips)
    return ScenePair(reference, capture, truth, reference_grasp(family, task, member))


def _standing(family: Family, parameters: Any, middle_m: tuple[float, float], yaw_rad: float) -> PlacedObject:
    """A member with the middle of its footprint at a place (x, y) [m] of the table."""
    turned = place(family.build(parameters), 0.0, 0.0, yaw_rad, family.cell_m)
    offset = np.asarray(middle_m) - turned.mesh_world.bounds[:, :2].mean(axis=0)
    return place(turned.shape, float(offset[0]), float(offset[1]), yaw_rad, family.cell_m)


@lru_cache(maxsize=2)
def _cameras(width_px: int) -> SimulatedRig:
    """The authors' rig; its lenses are inverted once a process."""
    rig: Rig = resize_rig(load_rig(RIG_FOLDER), width_px)
    return SimulatedRig(rig)


@lru_cache(maxsize=len(FAMILIES))
def _reference(family: str, width_px: int, noise: SensorNoise) -> tuple[Capture, PlacedObject]:
    """The family's reference member at the table's middle, and its capture: rendered once a process."""
    known = FAMILIES[family]
    placed = _standing(known, known.reference, (0.0, 0.0), 0.0)
    return _cameras(width_px).take(f"{family}-reference", Scene(placed), noise, (0, 0)), placed
