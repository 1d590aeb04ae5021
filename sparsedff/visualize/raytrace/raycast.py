"""First hits, distances and shadows of rays on triangles: a thin shell around embree, which needs no display."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import MissingPackageError

Float = NDArray[np.floating]


class Caster:
    """Triangles (F, 3) over vertices (V, 3) [m], indexed for rays. No triangles at all is allowed: nothing is hit.

    Raises:
        MissingPackageError: embreex is not installed.
    """

    def __init__(self, vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> None:
        try:
            from embreex.mesh_construction import TriangleMesh
            from embreex.rtcore_scene import EmbreeScene
        except ImportError as error:
            raise MissingPackageError(
                f"pictures need the ray caster embreex ({error}); run: pip install embreex"
            ) from error
        self._scene = None
        if len(faces):
            self._scene = EmbreeScene()
            self._mesh = TriangleMesh(self._scene, np.ascontiguousarray(vertices[faces], dtype=np.float32))

    def first_hit(self, origins: Float, directions: Float) -> tuple[NDArray[np.int64], Float, Float]:
        """Nearest triangles along rays.

        Args:
            origins: (N, 3) or (3,) [m].
            directions: (N, 3), any length.

        Returns:
            face (N,), -1 where nothing is hit; weights (N, 3) of its three corners; and the distance (N,) in units of
            the direction's length, infinite where nothing is hit.
        """
        count = len(directions)
        if self._scene is None or count == 0:
            return np.full(count, -1), np.zeros((count, 3)), np.full(count, np.inf)
        hit = self._scene.run(*_rays(origins, directions), output=1)
        face = hit["primID"].astype(np.int64)
        u, v = hit["u"].astype(np.float64), hit["v"].astype(np.float64)
        return face, np.stack([1 - u - v, u, v], axis=1), np.where(face >= 0, hit["tfar"], np.inf)

    def distance(self, origins: Float, directions: Float) -> Float:
        """Distance (N,) to the first hit in units of the direction's length, infinite where there is none."""
        return self.first_hit(origins, directions)[2]

    def blocked(self, origins: Float, directions: Float) -> NDArray[np.bool_]:
        """Whether anything (N,) lies along each ray; cheaper than `distance`."""
        if self._scene is None or len(directions) == 0:
            return np.zeros(len(directions), dtype=bool)
        return self._scene.run(*_rays(origins, directions), query="OCCLUDED") >= 0


def _rays(origins: Float, directions: Float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Contiguous float32 rays as embree wants them."""
    target = np.ascontiguousarray(directions, dtype=np.float32)
    return np.ascontiguousarray(np.broadcast_to(origins, target.shape), dtype=np.float32), target
