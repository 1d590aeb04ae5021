"""Which cameras have moved since they were calibrated, and by how much: the views' surfaces laid on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from sparsedff.capture.model import View
from sparsedff.distill.settings import Workspace
from sparsedff.geometry import Float, apply, inverse, rigid_fit
from sparsedff.quality.register import middle_of, register
from sparsedff.quality.surface import Surface, surface_of

_REACH_M = 0.1  # the probes whose shift is measured are the corners of a cube around the scene's middle, so far out
_ROUNDS, _LEAST_M = 30, 1e-4
_FEWEST_OF_TABLE = 100
_AROUND_M = 0.2  # from the middle of the table: where its height is judged


@dataclass(frozen=True)
class Effort:
    """How closely is looked: points of table and of objects per view, and steps of the registration."""

    points: int
    steps: int


FULL, QUICK = Effort(600, 30), Effort(200, 8)
"""For `sparsedff check`, and for every transfer: about 0.5 s and 0.1 s for four views."""


@dataclass(frozen=True)
class Moved:
    """How a camera is off, judged by the agreement of most cameras.

    Attributes:
        serial: the camera.
        points_m: how far its points lie off around the scene's middle, root mean square [m]; NaN where it sees nothing.
        shift_m: how far it stands itself from where the calibration has it [m].
        turn_rad: how far it is turned [rad].
    """

    serial: str
    points_m: float
    shift_m: float
    turn_rad: float


@dataclass(frozen=True)
class Registration:
    """The views laid on each other.

    Attributes:
        cameras: one entry a view, in their order.
        table_off_m: farthest that the table that they see together lies from z = 0 near its middle [m]; NaN if unseen.
        table_tilt_rad: its tilt [rad].
    """

    cameras: tuple[Moved, ...]
    table_off_m: float
    table_tilt_rad: float


def register_views(views: Sequence[View], workspace: Workspace, effort: Effort) -> Registration:
    """Lay the surfaces of undistorted views on each other; says how far each camera is off, and the table."""
    rng = np.random.default_rng(0)
    surfaces = [surface_of(view, workspace, effort.points, rng) for view in views]
    probes = middle_of(surfaces) + _REACH_M * np.stack(np.meshgrid(*3 * [[-1.0, 1.0]]), axis=-1).reshape(-1, 3)
    corrected_from_world = np.tile(np.eye(4), (len(views), 1, 1))
    seeing = np.flatnonzero([len(surface.points) > 0 for surface in surfaces])
    if len(seeing) > 1:
        corrected_from_world[seeing] = by_majority(
            register([surfaces[index] for index in seeing], effort.steps), probes
        )
    cameras = [
        _moved(view.serial, surface, corrected, probes)
        for view, surface, corrected in zip(views, surfaces, corrected_from_world, strict=True)
    ]
    return Registration(tuple(cameras), *_table_off(surfaces, corrected_from_world))


def by_majority(corrected_from_world: Float, probes: Float) -> Float:
    """corrected_from_world (C, 4, 4), all moved together so that they move points (N, 3) [m] least in sum.

    The sum counts lengths, not squares: where most cameras agree these stay, and the others have moved.
    """
    places = np.stack([apply(corrected, probes) for corrected in corrected_from_world])

    def off(common: Float) -> Float:
        return np.asarray(np.sqrt(np.mean(np.sum((apply(common, places) - probes) ** 2, axis=-1), axis=-1)))

    common = min((inverse(corrected) for corrected in corrected_from_world), key=lambda one: float(off(one).sum()))
    for _ in range(_ROUNDS):
        weight = 1 / np.maximum(off(common), _LEAST_M)
        common = rigid_fit(np.einsum("c,cni->ni", weight / weight.sum(), places), probes)
    return np.stack([common @ corrected for corrected in corrected_from_world])


def _moved(serial: str, surface: Surface, corrected_from_world: Float, probes: Float) -> Moved:
    off = np.linalg.norm(apply(corrected_from_world, probes) - probes, axis=1)
    return Moved(
        serial,
        float(np.sqrt(np.mean(off**2))) if len(surface.points) else float("nan"),
        float(np.linalg.norm(apply(corrected_from_world, surface.eye) - surface.eye)),
        float(Rotation.from_matrix(corrected_from_world[:3, :3]).magnitude()),
    )


def _table_off(surfaces: Sequence[Surface], corrected_from_world: Float) -> tuple[float, float]:
    """How far the common table lies from z = 0 [m], and its tilt [rad]; not a number where there is none."""
    points = np.concatenate(
        [
            apply(pose, surface.points[~surface.on_object])
            for pose, surface in zip(corrected_from_world, surfaces, strict=True)
        ]
    )
    if len(points) < _FEWEST_OF_TABLE:
        return float("nan"), float("nan")
    middle = np.median(points, axis=0)
    flat = np.column_stack([points[:, :2] - middle[:2], np.ones(len(points))])
    slope = np.linalg.lstsq(flat, points[:, 2], rcond=None)[0]
    steep = float(np.linalg.norm(slope[:2]))
    return abs(float(slope[2])) + _AROUND_M * steep, float(np.arctan(steep))
