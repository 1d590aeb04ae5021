"""The viewpoint of a picture: a pinhole camera, and how it is placed to see what the picture must show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.geometry import Float, apply, inverse, look_at, project


@dataclass(frozen=True, eq=False)
class Viewpoint:
    """A virtual pinhole camera.

    Attributes:
        world_from_camera: (4, 4); camera axes x right, y down, z forward [m].
        intrinsics: (3, 3) [px], integer pixel coordinates at pixel centres.
        width, height: image size [px].
    """

    world_from_camera: Float
    intrinsics: Float
    width: int
    height: int

    @property
    def eye(self) -> Float:
        """(3,) [m] in the world."""
        return self.world_from_camera[:3, 3]

    def project(self, points_world: NDArray[np.floating]) -> tuple[Float, Float]:
        """Pixels (N, 2) and depths along the optical axis (N,) [m] of world points (N, 3)."""
        points_camera = apply(inverse(self.world_from_camera), points_world)
        return project(points_camera, self.intrinsics), points_camera[:, 2]

    def rays(self, u: NDArray, v: NDArray) -> NDArray[np.float32]:
        """World directions (..., 3) of pixels, scaled so that a step of 1 is 1 m of depth along the optical axis.

        Written out rather than as a product of matrices: for millions of rays BLAS would start threads, and two panels
        drawn at once would fight over the cores.
        """
        k = self.intrinsics
        x = ((u - k[0, 2]) / k[0, 0]).astype(np.float32)
        y = ((v - k[1, 2]) / k[1, 1]).astype(np.float32)
        right, down, forward = self.world_from_camera[:3, :3].T.astype(np.float32)
        return np.stack([x * right[i] + y * down[i] + forward[i] for i in range(3)], axis=-1)

    def moved_back(self, distance: float) -> Viewpoint:
        """The same viewpoint, `distance` [m] farther back along its line of sight: all it saw stays in the picture."""
        pose = self.world_from_camera.copy()
        pose[:3, 3] -= distance * pose[:3, 2]
        return Viewpoint(pose, self.intrinsics, self.width, self.height)

    def scaled(self, factor: int) -> Viewpoint:
        """The same view with `factor` times as many pixels along each side."""
        k = self.intrinsics * factor
        k[:2, 2] = factor * (self.intrinsics[:2, 2] + 0.5) - 0.5  # pixel centres, not corners, lie at integers
        k[2, 2] = 1.0
        return Viewpoint(self.world_from_camera, k, self.width * factor, self.height * factor)


def frame_points(
    points_world: NDArray[np.floating],
    azimuth: float,
    elevation: float,
    size: tuple[int, int],
    fov: float = 0.45,
    margin: float = 0.06,
) -> Viewpoint:
    """The nearest viewpoint with a given viewing direction that sees all points.

    With the orientation fixed, a point (x, y, z) in camera axes is inside the image of a viewpoint at c if
    |x - cx| <= t (z - cz), and likewise in y, with t the tangent of the half angle. Each side of the image is one
    linear bound, so the closest c has a closed form: cx = (A - B) / 2 and cz = -(A + B) / (2 t), where A and B are the
    largest x - t z and -x - t z.

    Args:
        points_world: (N, 3) [m], at least one.
        azimuth: where the eye stands about the z axis [rad], from +x towards +y.
        elevation: of the eye above the horizon [rad].
        size: (width, height) [px].
        fov: angle of the longer image side [rad]; small ones keep parallel edges parallel.
        margin: share of each side of the image that stays empty.
    """
    width, height = size
    towards_eye = np.array(
        [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
    )
    rotation = look_at(towards_eye, np.zeros(3))[:3, :3]
    focal = 0.5 * max(size) / np.tan(fov / 2)
    local = points_world @ rotation
    centers, depths = [], []
    for axis, pixels in enumerate(size):
        tangent = (0.5 - margin) * pixels / focal
        upper = (local[:, axis] - tangent * local[:, 2]).max()
        lower = (-local[:, axis] - tangent * local[:, 2]).max()
        centers.append((upper - lower) / 2)
        depths.append(-(upper + lower) / (2 * tangent))
    nearest = min(min(depths), local[:, 2].min() - 0.05)  # a lone point would otherwise lie in the eye
    intrinsics = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])
    world_from_camera = np.eye(4)
    world_from_camera[:3, :3] = rotation
    world_from_camera[:3, 3] = rotation @ np.array([*centers, nearest])
    return Viewpoint(world_from_camera, intrinsics, width, height)
