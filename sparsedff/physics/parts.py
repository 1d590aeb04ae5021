"""Convex parts of a mesh for contact physics, by CoACD, kept on disk because the decomposition takes seconds."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np
import trimesh
from numpy.typing import NDArray

from sparsedff.common.atomic import write_file
from sparsedff.errors import MissingPackageError, PhysicsError
from sparsedff.files.npz import read_npz

Float = NDArray[np.float64]

MOST_PARTS = 48
"""More parts follow the shape more closely; with 48 the surface of mugs, pans and plush toys is good to 3 to 8 mm at
worst, half of what 24 give, and a step of the physics takes hardly longer: only parts near the hand are looked at."""

_RECIPE = 2  # raise it whenever the options below change: kept parts of another recipe are not used
_MIN_VOLUME_M3 = 1e-10  # slivers: they carry no contact worth having, and MuJoCo refuses them


def cache_folder() -> Path:
    """Where parts are kept: $XDG_CACHE_HOME/sparsedff/convex, by default ~/.cache/sparsedff/convex."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "sparsedff" / "convex"


def convex_parts(mesh: trimesh.Trimesh, most: int = MOST_PARTS, folder: Path | None = None) -> tuple[Float, ...]:
    """Corners (K, 3) [m] of convex parts whose union is about the mesh, in the mesh's frame.

    The same vertices and faces are decomposed once and then read from `folder`: meshes in their object's frame profit
    from that wherever the object stands, meshes in the world frame do not.

    Args:
        mesh: closed, outward faces [m].
        most: number of parts at most.
        folder: of the kept parts; None takes `cache_folder()`. One that cannot be written to costs time, nothing else.

    Raises:
        PhysicsError: the mesh is not closed or encloses nothing.
        MissingPackageError: coacd is not installed.
    """
    if not mesh.is_watertight or mesh.volume < _MIN_VOLUME_M3:
        found = f"it encloses {mesh.volume:g} m^3" if mesh.is_watertight else "it is open"
        raise PhysicsError(f"physics: the object's mesh must be closed with outward faces, but {found}; repair it")
    vertices = np.ascontiguousarray(mesh.vertices, dtype=np.float64)
    faces = np.ascontiguousarray(mesh.faces, dtype=np.int64)
    return _parts(vertices.tobytes(), faces.tobytes(), most, folder or cache_folder())


@lru_cache(maxsize=8)
def _parts(vertices: bytes, faces: bytes, most: int, folder: Path) -> tuple[Float, ...]:
    digest = hashlib.sha256(b"%d %d %d " % (_RECIPE, most, len(vertices)) + vertices + faces).hexdigest()[:32]
    path = folder / f"{digest}.npz"
    kept = _read(path)
    if kept is None:
        kept = _decompose(np.frombuffer(vertices).reshape(-1, 3), np.frombuffer(faces, np.int64).reshape(-1, 3), most)
        _keep(path, kept)
    for part in kept:
        part.flags.writeable = False
    return kept


def _decompose(vertices: Float, faces: NDArray[np.int64], most: int) -> tuple[Float, ...]:
    hull = trimesh.Trimesh(vertices, faces, process=False).convex_hull
    volume = float(trimesh.Trimesh(vertices, faces, process=False).volume)
    if hull.volume < 1.01 * volume or most == 1:
        return (_corners(hull),)
    try:
        import coacd
    except ImportError as error:
        raise MissingPackageError(f"physics needs coacd ({error}); run: pip install coacd") from error
    coacd.set_log_level("error")
    # A shallow search: about ten times faster than CoACD's default, and hardly less exact (a test bounds the error).
    found: Sequence[tuple[Float, NDArray]] = coacd.run_coacd(
        coacd.Mesh(vertices, faces),
        threshold=0.05,
        max_convex_hull=most,
        preprocess_mode="off",
        resolution=500,
        mcts_iterations=10,
        mcts_nodes=6,
        mcts_max_depth=1,
        max_ch_vertex=64,
        seed=0,
    )
    hulls = [trimesh.convex.convex_hull(corners) for corners, _ in found]
    return tuple(_corners(hull) for hull in hulls if hull.volume > _MIN_VOLUME_M3)


def _corners(hull: trimesh.Trimesh) -> Float:
    return np.array(hull.vertices, dtype=np.float64)


def _read(path: Path) -> tuple[Float, ...] | None:
    """Kept parts, or None where there are none that can be read."""
    try:
        kept = read_npz(path, PhysicsError, "it is made anew")
        corners = kept["corners"].astype(np.float64)
        if corners.ndim != 2 or corners.shape[1] != 3 or not np.isfinite(corners).all():
            return None
        return tuple(np.array(part) for part in np.split(corners, kept["splits"]))
    except Exception:  # whatever it is: kept parts are worth nothing but the time to make them anew
        return None


def _keep(path: Path, parts: tuple[Float, ...]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, corners=np.concatenate(parts), splits=np.cumsum([len(part) for part in parts])[:-1])
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, buffer.getvalue())
