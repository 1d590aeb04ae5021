"""Pairs of scenes with a demonstration and its ground truth, for benchmarks.

    reference, test, truth, demonstration = make_pair("mug", "rim", seed=3, kind="same_family")

The reference scene shows the family's reference member, which the committed grasp holds; the test scene shows the same
thing elsewhere, a relative of it, or a thing of another family that can be held likewise.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.files.rig_files import load_rig
from sparsedff.capture.model import Capture
from sparsedff.errors import ConfigError
from sparsedff.hands.pose import HandPose
from sparsedff.synthetic.families.cross_family import partners
from sparsedff.synthetic.families.posture import postures
from sparsedff.synthetic.families.registry import FAMILIES, FIRST_FAMILIES, Family, family_of, sample_member
from sparsedff.synthetic.grasping.reference_grasps import reference_grasp
from sparsedff.synthetic.held_out import HELD_OUT_FAMILIES, training_families
from sparsedff.synthetic.pair_settings import PairSettings
from sparsedff.synthetic.rendering.rays import resize_rig
from sparsedff.synthetic.rendering.rigs import off_calibration, rig_of
from sparsedff.synthetic.rendering.scene import PlacedObject, Scene, place
from sparsedff.synthetic.rendering.sensor import SensorNoise
from sparsedff.synthetic.rendering.simulated_rig import SimulatedRig
from sparsedff.synthetic.rendering.surroundings import surround
from sparsedff.synthetic.resting import draw_resting
from sparsedff.synthetic.sample import RIG_FOLDER
from sparsedff.synthetic.truth import Truth

Float = NDArray[np.float64]

KINDS = ("same_object", "same_family", "cross_family")
"""same_object: the same thing elsewhere, other noise. same_family: another member, other proportions and colours.
cross_family: another kind of thing that can be held likewise, such as a box's body and a drill's handle."""


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
    truth, rng = _draw(family, task, seed, kind, settings)
    cameras, noise = _cameras(settings.width_px, settings.cameras), noise_of(settings)
    scene = surround(truth.test, settings.around, cameras.rig, rng)
    name = f"{family}-{task}-{kind}-{seed}"
    capture = off_calibration(cameras.take(name, scene, noise, (seed, 1)), settings.calibration_off_mm, rng)
    reference = _reference(family, settings.width_px, settings.cameras, noise)
    return ScenePair(reference, capture, truth, reference_grasp(family, task, truth.reference))


def make_truth(
    family: str, task: str, seed: int, kind: str = "same_family", settings: PairSettings | None = None
) -> tuple[Truth, HandPose]:
    """Truth and demonstration of a pair, as `make_pair` gives them, without rendering anything.

    Args, raises: as `make_pair`.
    """
    truth, _ = _draw(family, task, seed, kind, settings or PairSettings())
    return truth, reference_grasp(family, task, truth.reference)


def draw_member(family: str, task: str, seed: int, kind: str, settings: PairSettings) -> Any:
    """Parameters of the test object of a pair within one family, as `make_pair` draws them.

    Args, raises: as `make_pair`.
    """
    return _member(family_of(family), task, kind, settings, _generator(family, seed, kind))


def _generator(family: str, seed: int, kind: str) -> np.random.Generator:
    return np.random.default_rng([seed, *family.encode(), *kind.encode()])


def _draw(family: str, task: str, seed: int, kind: str, settings: PairSettings) -> tuple[Truth, np.random.Generator]:
    """Both objects where they stand, and the generator from which the rest of the pair is drawn."""
    known = family_of(family)
    known.task(task)
    if kind not in KINDS:
        raise ConfigError(f"kind of a pair must be one of {', '.join(KINDS)}, got {kind!r}")
    rng = _generator(family, seed, kind)
    shown, held_by, grips = known, task, None
    if kind == "cross_family":
        others = partners(family, task, _may_be_partners(family, settings))
        if not others:
            raise ConfigError(f"{family} {task} carries over to no other family; use same_object or same_family")
        other = others[seed % len(others)]
        shown, held_by, grips = FAMILIES[other[0]], other[1], (task, other[1])
    parameters = _member(shown, held_by, kind, settings, rng)
    middle = tuple(float(rng.uniform(-1, 1)) * settings.shift_m for _ in range(2))
    yaw_rad = float(rng.uniform(-1, 1)) * float(np.deg2rad(settings.yaw_deg))
    tipped = settings.lying_share > 0 and bool(rng.uniform() < settings.lying_share)
    upright = place(shown.build(parameters), 0.0, 0.0, 0.0, shown.cell_m)
    tip = draw_resting(upright.mesh_object, shown.name, held_by, rng) if tipped else None
    placed = standing(shown, parameters, (middle[0], middle[1]), yaw_rad, tip)
    return Truth(_member_shown(family), placed, grips), rng


def _may_be_partners(family: str, settings: PairSettings) -> tuple[str, ...]:
    """Families of which a partner can be; those that are held out only with their like."""
    if not settings.new_partners:
        return FIRST_FAMILIES
    return tuple(FAMILIES) if family in HELD_OUT_FAMILIES else training_families()


def _member(shown: Family, task: str, kind: str, settings: PairSettings, rng: np.random.Generator) -> Any:
    """Parameters of the test object."""
    if settings.manner == "posture":
        return postures(shown.reference, rng)[0]
    if kind == "same_object":
        return shown.reference
    return sample_member(shown.name, rng, settings.variation, settings.manner, task)


def noise_of(settings: PairSettings) -> SensorNoise:
    """The sensor's noise at the settings' scale."""
    usual, scale = SensorNoise(), settings.noise_scale
    return replace(
        usual,
        depth_sigma_m=usual.depth_sigma_m * scale,
        depth_sigma_per_m2=usual.depth_sigma_per_m2 * scale,
        depth_bias_m=usual.depth_bias_m * scale,
        flying_share=min(1.0, usual.flying_share * scale),
    )


def standing(
    family: Family, parameters: Any, middle_m: tuple[float, float], yaw_rad: float, tip: Float | None = None
) -> PlacedObject:
    """A member with the middle of its footprint at a place (x, y) [m] of the table, tipped over first where asked."""
    turned = place(family.build(parameters), 0.0, 0.0, yaw_rad, family.cell_m, tip)
    offset = np.asarray(middle_m) - turned.mesh_world.bounds[:, :2].mean(axis=0)
    return place(turned.shape, float(offset[0]), float(offset[1]), yaw_rad, family.cell_m, tip)


@lru_cache(maxsize=8)
def _cameras(width_px: int, count: int) -> SimulatedRig:
    """The authors' rig, or one of another number of cameras; its lenses are inverted once a process."""
    return SimulatedRig(rig_of(resize_rig(load_rig(RIG_FOLDER), width_px), count))


@lru_cache(maxsize=len(FAMILIES))
def _member_shown(family: str) -> PlacedObject:
    """The family's reference member at the table's middle."""
    known = FAMILIES[family]
    return standing(known, known.reference, (0.0, 0.0), 0.0)


@lru_cache(maxsize=4 * len(FAMILIES))
def _reference(family: str, width_px: int, count: int, noise: SensorNoise) -> Capture:
    """The capture of the family's reference member: rendered once a process."""
    return _cameras(width_px, count).take(f"{family}-reference", Scene(_member_shown(family)), noise, (0, 0))
