"""How far away each pixel sees a model: rays cast at its mesh on the CPU, without a display."""

from __future__ import annotations

import numpy as np
import trimesh
from numpy.typing import NDArray
from trimesh.ray.ray_pyembree import RayMeshIntersector

from sparsedff.geometry import Float, apply, inverse, project, unproject

_MARGIN_PX = 2


class Silhouette:
    """A model made ready for ray casting.

    Args:
        mesh: in the model's frame [m].
    """

    def __init__(self, mesh: trimesh.Trimesh) -> None:
        self._caster = RayMeshIntersector(mesh, scale_to_box=False)
        self._corners = np.asarray(mesh.bounding_box.vertices)

    def distance(self, camera_from_model: Float, intrinsics: Float, image_size: tuple[int, int]) -> Float:
        """Distance (H, W) [m] from the camera's centre to the model along each pixel's ray; 0 where it is not seen.

        Args:
            camera_from_model: (4, 4).
            intrinsics: (3, 3) [px].
            image_size: (width, height) [px].
        """
        width, height = image_size
        image = np.zeros((height, width))
        columns, rows = self._window(camera_from_model, intrinsics, image_size)
        pixels = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
        if not len(pixels):
            return image
        rays = unproject(pixels, np.ones(len(pixels)), intrinsics)
        rays /= np.linalg.norm(rays, axis=1, keepdims=True)
        model_from_camera = inverse(camera_from_model)
        eye = model_from_camera[:3, 3]
        hits, ray, _ = self._caster.intersects_location(
            np.broadcast_to(eye, rays.shape), rays @ model_from_camera[:3, :3].T, multiple_hits=False
        )
        image[pixels[ray, 1], pixels[ray, 0]] = np.linalg.norm(hits - eye, axis=1)
        return image

    def _window(
        self, camera_from_model: Float, intrinsics: Float, image_size: tuple[int, int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Columns and rows of the image outside which the model cannot be seen."""
        corners = apply(camera_from_model, self._corners)
        whole = np.array([[0, 0], image_size])
        if (corners[:, 2] <= 1e-6).any():  # a corner behind the camera projects to nowhere
            low, high = whole
        else:
            seen = np.clip(project(corners, intrinsics), -1e6, 1e6)
            low = np.maximum(np.floor(seen.min(axis=0)).astype(int) - _MARGIN_PX, whole[0])
            high = np.minimum(np.ceil(seen.max(axis=0)).astype(int) + _MARGIN_PX + 1, whole[1])
        return np.arange(low[0], high[0]), np.arange(low[1], high[1])


def distance_image(depth_m: NDArray[np.floating], intrinsics: Float) -> Float:
    """Distance (H, W) [m] from the camera's centre of a depth image (H, W) [m] along the optical axis; 0 stays 0."""
    rows, columns = np.indices(depth_m.shape)
    rays = unproject(np.stack([columns, rows], axis=-1), np.ones(depth_m.shape), intrinsics)
    return np.asarray(depth_m * np.linalg.norm(rays, axis=-1), dtype=np.float64)
