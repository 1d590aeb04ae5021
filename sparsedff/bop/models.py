"""The models folder: models_info.json and one PLY file an object, millimetres on disk, metres here."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from sparsedff.bop.entries import M_PER_MM, REMEDY, checked_rotation, identifier, number, numbers
from sparsedff.common.atomic import write_file
from sparsedff.errors import BopError
from sparsedff.files.json_file import read_object
from sparsedff.files.opened import decoding, read_bytes
from sparsedff.geometry import Float

INFO = "models_info.json"
_MOST_BYTES = 1 << 30
_FEW = 2000  # points of which all distances are compared


@dataclass(frozen=True, eq=False)
class Axis:
    """An axis about which every turn leaves an object as it is.

    Attributes:
        direction: (3,) unit vector.
        point: (3,) [m] on the axis.
    """

    direction: Float
    point: Float


@dataclass(frozen=True, eq=False)
class ModelInfo:
    """What models_info.json says of an object.

    Attributes:
        diameter_m: largest distance of two vertices.
        low, size: (3,) [m] lower corner and lengths of the box around it.
        discrete: transforms (4, 4) [m] after which it looks the same; the identity is not among them.
        continuous: axes about which it may be turned by anything.
    """

    diameter_m: float
    low: Float
    size: Float
    discrete: tuple[Float, ...] = ()
    continuous: tuple[Axis, ...] = ()

    @property
    def is_symmetric(self) -> bool:
        """Whether it looks the same in more than one pose."""
        return bool(self.discrete or self.continuous)


def info_of(mesh: trimesh.Trimesh, discrete: tuple[Float, ...] = (), continuous: tuple[Axis, ...] = ()) -> ModelInfo:
    """What is to be said of a mesh [m] with these symmetries."""
    low, high = mesh.bounds
    return ModelInfo(diameter(np.asarray(mesh.vertices)), low, high - low, discrete, continuous)


def diameter(points: Float) -> float:
    """Largest distance [m] of two of the points (N, 3) [m]: two of their convex hull's corners."""
    try:
        points = points[ConvexHull(points).vertices]
    except (QhullError, ValueError):  # flat, or very few
        points = np.unique(points, axis=0)
    if len(points) < 2:
        return 0.0
    if len(points) <= _FEW:
        return float(pdist(points).max())
    return max(float(np.linalg.norm(points - point, axis=1).max()) for point in points)


def read_models_info(folder: Path) -> dict[int, ModelInfo]:
    """What models_info.json of a models folder says, by object.

    Raises:
        BopError: missing, damaged, or an entry is wrong; names file and entry.
    """
    path = folder / INFO
    entries = read_object(path, BopError, REMEDY)
    return {identifier(key, str(path)): _info(value, f"{path}: {key}") for key, value in entries.items()}


def write_models_info(infos: Mapping[int, ModelInfo], folder: Path) -> None:
    """Write models_info.json into a folder that exists.

    Raises:
        OSError: it cannot be written to.
    """
    content = {str(obj_id): _entry(info) for obj_id, info in infos.items()}
    write_file(folder / INFO, json.dumps(content, indent=1) + "\n")


def mesh_path(folder: Path, obj_id: int) -> Path:
    """Where the mesh of an object lies in a models folder."""
    return folder / f"obj_{obj_id:06d}.ply"


def read_mesh(path: Path) -> trimesh.Trimesh:
    """A model's mesh [m], vertices in the file's order.

    Raises:
        BopError: missing, damaged, or without triangles.
    """
    content = read_bytes(path, BopError, REMEDY, most=_MOST_BYTES)
    with decoding(path, BopError, REMEDY, "is not a readable PLY"):
        mesh = trimesh.load(io.BytesIO(content), file_type="ply", process=False)
        if not isinstance(mesh, trimesh.Trimesh) or not len(mesh.faces):
            raise ValueError("it holds no triangle")
        if not np.isfinite(mesh.vertices).all() or mesh.faces.max() >= len(mesh.vertices) or mesh.faces.min() < 0:
            raise ValueError("a vertex is not finite, or missing")
        mesh.apply_scale(M_PER_MM)
    return mesh


def write_mesh(mesh: trimesh.Trimesh, path: Path) -> None:
    """Write a mesh [m] as PLY text with normals [mm], and with colours where its vertices have them.

    Raises:
        OSError: it cannot be written.
    """
    scaled = mesh.copy()
    scaled.apply_scale(1 / M_PER_MM)
    write_file(path, trimesh.exchange.ply.export_ply(scaled, encoding="ascii", vertex_normal=True))


def _info(entry: Any, where: str) -> ModelInfo:
    diameter_m = M_PER_MM * number(entry, "diameter", where)
    if diameter_m <= 0:
        raise BopError(f"{where}.diameter: must be above 0; {REMEDY}")
    low, size = (
        M_PER_MM * np.array([number(entry, f"{what}_{axis}", where) for axis in "xyz"]) for what in ("min", "size")
    )
    found, axes = entry.get("symmetries_discrete", []), entry.get("symmetries_continuous", [])
    for name, value in (("symmetries_discrete", found), ("symmetries_continuous", axes)):
        if not isinstance(value, list):
            raise BopError(f"{where}.{name}: must be a list, got {type(value).__name__}; {REMEDY}")
    discrete = [_discrete(value, f"{where}.symmetries_discrete[{i}]") for i, value in enumerate(found)]
    continuous = [_axis(value, f"{where}.symmetries_continuous[{i}]") for i, value in enumerate(axes)]
    return ModelInfo(diameter_m, low, size, tuple(discrete), tuple(continuous))


def _discrete(values: Any, where: str) -> Float:
    matrix = numbers({"transform": values}, "transform", (4, 4), where)
    checked_rotation(matrix[:3, :3], where)
    matrix[:3, 3] *= M_PER_MM
    return matrix


def _axis(entry: Any, where: str) -> Axis:
    direction = numbers(entry, "axis", (3,), where)
    length = float(np.linalg.norm(direction))
    if length < 1e-6:
        raise BopError(f"{where}.axis: is zero; {REMEDY}")
    return Axis(direction / length, M_PER_MM * numbers(entry, "offset", (3,), where))


def _entry(info: ModelInfo) -> dict[str, Any]:
    entry: dict[str, Any] = {"diameter": info.diameter_m / M_PER_MM}
    entry |= {f"min_{axis}": value / M_PER_MM for axis, value in zip("xyz", info.low.tolist(), strict=True)}
    entry |= {f"size_{axis}": value / M_PER_MM for axis, value in zip("xyz", info.size.tolist(), strict=True)}
    if info.discrete:
        unit = np.ones((4, 4))
        unit[:3, 3] = M_PER_MM
        entry["symmetries_discrete"] = [(one / unit).reshape(-1).tolist() for one in info.discrete]
    if info.continuous:
        entry["symmetries_continuous"] = [
            {"axis": axis.direction.tolist(), "offset": (axis.point / M_PER_MM).tolist()} for axis in info.continuous
        ]
    return entry
