"""What cameras around an object see of it: points on a grid of rays, as distillation takes them, without images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from trimesh.ray.ray_pyembree import RayMeshIntersector

from sparsedff.geometry import look_at

Float = NDArray[np.float64]

STEP_M = 0.0075
"""Distance of neighbouring rays at the object, as `scale` 14 gives it."""
DISTANCE_M = (0.6, 1.3)
ELEVATION_RAD = (np.deg2rad(12.0), np.deg2rad(65.0))
GRAZING_COSINE = 0.22
"""Surfaces seen under a smaller cosine of incidence give no reading."""
SMOOTH_M = 0.01
"""Normals are averaged over this neighbourhood, as an estimate from depth is."""


@dataclass(frozen=True, eq=False)
class Seen:
    """Points of one object as cameras saw them, without noise.

    Attributes:
        points: (N, 3) [m], object at rest on the table z = 0.
        normals: (N, 3) outward.
        camera: (N,) index of the camera.
        eyes: (cameras, 3) [m].
    """

    points: Float
    normals: Float
    camera: NDArray[np.int64]
    eyes: Float


def cameras_around(count: int, middle: Float, rng: np.random.Generator) -> Float:
    """Eyes (count, 3) [m] around an object, evenly but for a share of the distance to the next."""
    turn = 2 * np.pi * (np.arange(count) + 0.5 * rng.uniform(-1, 1, count)) / count + rng.uniform(0, 2 * np.pi)
    elevation, distance = rng.uniform(*ELEVATION_RAD, count), rng.uniform(*DISTANCE_M, count)
    level = np.cos(elevation)
    around = np.stack([level * np.cos(turn), level * np.sin(turn), np.sin(elevation)], axis=1)
    return np.asarray(middle + distance[:, None] * around)


def see(mesh: trimesh.Trimesh, eyes: Float, rng: np.random.Generator) -> Seen:
    """First hits on a mesh (world frame, at rest on the table) of rays from all eyes (C, 3) [m]."""
    caster = RayMeshIntersector(mesh, scale_to_box=False)
    middle = mesh.bounds.mean(axis=0)
    radius = float(np.linalg.norm(mesh.vertices - middle, axis=1).max())
    steps = np.arange(-radius, radius + STEP_M, STEP_M)
    points, normals, camera = [], [], []
    for index, eye in enumerate(eyes):
        world_from_camera = look_at(eye, middle)
        u, v = np.meshgrid(steps + rng.uniform(0, STEP_M), steps + rng.uniform(0, STEP_M))
        through = middle + np.stack([u.ravel(), v.ravel()], axis=1) @ world_from_camera[:3, :2].T
        rays = through - eye
        hits, ray, triangle = caster.intersects_location(np.broadcast_to(eye, rays.shape), rays, multiple_hits=False)
        outward = mesh.face_normals[triangle]
        toward = -rays[ray] / np.linalg.norm(rays[ray], axis=1, keepdims=True)
        keep = np.einsum("ni,ni->n", outward, toward) > GRAZING_COSINE
        points.append(hits[keep])
        normals.append(_smooth(hits[keep], outward[keep]))
        camera.append(np.full(int(keep.sum()), index))
    return Seen(np.concatenate(points), np.concatenate(normals), np.concatenate(camera), eyes)


def _smooth(points: Float, normals: Float) -> Float:
    """Normals averaged over neighbours of the same view, of unit length."""
    if not len(points):
        return normals
    neighbours = cKDTree(points).query_ball_point(points, SMOOTH_M)
    mean = np.stack([normals[index].mean(axis=0) for index in neighbours])
    return np.asarray(mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6))
