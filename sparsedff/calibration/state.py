"""The unknowns of a calibration: lenses and poses of the cameras, and poses of the board."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.calibration.observations import Observations
from sparsedff.capture.lens import project
from sparsedff.geometry import Float


@dataclass(frozen=True)
class State:
    """C cameras and S poses of the board.

    Attributes:
        intrinsics: (C, 3, 3) [px].
        distortion: (C, 8).
        camera_from_cam0: (C, 4, 4); the first is the identity.
        cam0_from_board: (S, 4, 4).
    """

    intrinsics: Float
    distortion: Float
    camera_from_cam0: Float
    cam0_from_board: Float


def points_in_camera(state: State, seen: Observations, corners: Float) -> tuple[Float, Float]:
    """The observed corners (N, 3) [m] in cam0's frame and in that of the camera which saw them."""
    boards, cameras = state.cam0_from_board[seen.still], state.camera_from_cam0[seen.camera]
    points_cam0 = np.einsum("nij,nj->ni", boards[:, :3, :3], corners[seen.corner]) + boards[:, :3, 3]
    return points_cam0, np.einsum("nij,nj->ni", cameras[:, :3, :3], points_cam0) + cameras[:, :3, 3]


def residuals(state: State, seen: Observations, corners: Float) -> Float:
    """(N, 2) [px]: where each corner should be seen, less where it was; infinite behind the camera."""
    _, points = points_in_camera(state, seen, corners)
    result = np.full((len(seen), 2), np.inf)
    for camera in range(len(seen.serials)):
        rows = (seen.camera == camera) & (points[:, 2] > 1e-6)
        if rows.any():
            there = project(points[rows], state.intrinsics[camera], state.distortion[camera])
            result[rows] = there - seen.pixels[rows]
    return result


def residual_lengths_px(state: State, seen: Observations, corners: Float) -> NDArray[np.float64]:
    """(N,) lengths of the residuals [px]."""
    return np.asarray(np.linalg.norm(residuals(state, seen, corners), axis=1))
