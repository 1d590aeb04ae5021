"""Other rigs than the authors': more or fewer cameras, and cameras that stand off their calibration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from sparsedff.capture.model import Capture, Rig
from sparsedff.geometry import inverse, look_at, transform

Float = NDArray[np.float64]

_LOOK_AT_M = np.array([0.0, 0.0, 0.05])  # where ring cameras look: the middle of what stands on the table


def rig_of(rig: Rig, count: int) -> Rig:
    """A rig of so many cameras with the lenses of `rig`, spread around the table.

    As many as `rig` has are the rig itself. Otherwise cameras stand evenly on a ring with the mean distance and height
    of the rig's, the first one where its first camera is.

    Args:
        rig: gives lenses, distance and height.
        count: at least 1.
    """
    if count == len(rig.cameras):
        return rig
    eyes = np.array([rig.world_from_camera(camera.serial)[:3, 3] for camera in rig.cameras])
    radius, height = float(np.linalg.norm(eyes[:, :2], axis=1).mean()), float(eyes[:, 2].mean())
    first = float(np.arctan2(eyes[0, 1], eyes[0, 0]))
    poses = []
    for index in range(count):
        angle = first + 2 * np.pi * index / count
        poses.append(look_at(np.array([radius * np.cos(angle), radius * np.sin(angle), height]), _LOOK_AT_M))
    cameras = tuple(
        replace(
            rig.cameras[index % len(rig.cameras)],
            name=f"cam{index}",
            serial=f"ring{index}",
            camera_from_cam0=inverse(pose) @ poses[0],
        )
        for index, pose in enumerate(poses)
    )
    return Rig(cameras, inverse(poses[0]))


def off_calibration(capture: Capture, off_mm: float, rng: np.random.Generator) -> Capture:
    """The capture with every camera's pose wrong by `off_mm` [mm] in a random direction and by off_mm / 10 degrees."""
    if off_mm == 0:
        return capture
    views = []
    for view in capture.views:
        aside, axis = (_direction(rng) for _ in range(2))
        turn = Rotation.from_rotvec(axis * np.deg2rad(off_mm / 10)).as_matrix()
        eye = np.asarray(view.world_from_camera)[:3, 3]
        about_eye = transform(turn, eye - turn @ eye + aside * off_mm / 1000)
        views.append(replace(view, world_from_camera=about_eye @ np.asarray(view.world_from_camera)))
    return replace(capture, views=tuple(views))


def _direction(rng: np.random.Generator) -> Float:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))
