"""Surfaces of collision primitives as meshes, for hands whose models have no meshes of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray

from sparsedff.geometry import apply, inverse
from sparsedff.hands.base import LinkMesh, Primitive
from sparsedff.hands.distance import box_distance, capsule_distance

_AROUND, _CAP = 32, 8  # facets around a capsule, and rings of each cap: within 0.2 mm of a capsule of 2 cm


def primitive_mesh(primitive: Primitive) -> LinkMesh:
    """The closed surface of a primitive, faces outward, in its link's frame."""
    if primitive.kind == "box":
        box = trimesh.creation.box(2 * primitive.half_size)
        vertices, faces = np.asarray(box.vertices), np.asarray(box.faces)
    else:
        vertices, faces = _capsule(*primitive.half_size[:2])
    return LinkMesh(primitive.link, apply(primitive.link_from_primitive, vertices), faces.astype(np.int64))


def primitive_distance(primitive: Primitive, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance (N,) [m] of points (N, 3) in the link's frame to a primitive; negative inside."""
    local, size = (
        torch.tensor(each) for each in (apply(inverse(primitive.link_from_primitive), points), primitive.half_size)
    )
    return (box_distance if primitive.kind == "box" else capsule_distance)(local, size).numpy()


def merged(meshes: Sequence[LinkMesh]) -> tuple[LinkMesh, ...]:
    """One mesh a link, in the order in which links first come."""
    links: dict[str, list[LinkMesh]] = {}
    for mesh in meshes:
        links.setdefault(mesh.link, []).append(mesh)
    return tuple(each[0] if len(each) == 1 else _joined(each) for each in links.values())


def _joined(meshes: Sequence[LinkMesh]) -> LinkMesh:
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]
    return LinkMesh(meshes[0].link, np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(faces))


def _capsule(radius: float, half_length: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """A capsule about the z axis: rings of equal latitude, and a pole at each end."""
    latitude = np.linspace(0.0, np.pi / 2, _CAP, endpoint=False)
    rings = [(radius * np.cos(a), half_length + radius * np.sin(a)) for a in latitude]
    rings = [(rho, -z) for rho, z in reversed(rings)] + rings
    angle = 2 * np.pi * np.arange(_AROUND) / _AROUND
    body = [np.stack([rho * np.cos(angle), rho * np.sin(angle), np.full(_AROUND, z)], axis=1) for rho, z in rings]
    poles = [[0.0, 0.0, -half_length - radius], [0.0, 0.0, half_length + radius]]
    vertices = np.concatenate([*body, poles])
    here, there = np.arange(_AROUND), (np.arange(_AROUND) + 1) % _AROUND
    faces = []
    for ring in range(len(rings) - 1):
        a, b = ring * _AROUND, (ring + 1) * _AROUND
        faces += [np.stack([a + here, a + there, b + there], axis=1), np.stack([a + here, b + there, b + here], axis=1)]
    south, north, last = len(vertices) - 2, len(vertices) - 1, (len(rings) - 1) * _AROUND
    faces.append(np.stack([there, here, np.full(_AROUND, south)], axis=1))
    faces.append(np.stack([last + here, last + there, np.full(_AROUND, north)], axis=1))
    return vertices, np.concatenate(faces)
