"""One look at a training scene as a lab would get it: some cameras, noise, drift, holes, a cut foot, clutter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.learn.scenes import LearnScene

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Disturbance:
    """How much of what.

    Attributes:
        stretch: each axis is scaled by up to this, as a share.
        camera_counts: chances of one, two, ... cameras.
        one_sided: chance that cameras stand side by side and not around.
        noise_m: range of the standard deviation of depth [m].
        flying_share: of the points lie off the surface along the camera's ray, by up to
        flying_m: this.
        drift_m: standard deviation of a camera's pose [m], drawn from a range.
        normal_noise: standard deviation of a normal's components.
        cut_m: range of the height below which nothing is seen [m], and
        cut_chance: its chance.
        third_chance: chance that up to two fifths of the points on one side are missing.
        holes_chance: chance of up to three holes, of up to
        hole_m: this radius [m].
        clutter_chance: chance of a patch of something else.
        clutter_points: range of its points.
    """

    stretch: float = 0.15
    camera_counts: tuple[float, ...] = (0.13, 0.17, 0.12, 0.38, 0.05, 0.05, 0.05, 0.05)
    one_sided: float = 0.25
    noise_m: tuple[float, float] = (0.0005, 0.003)
    flying_share: float = 0.01
    flying_m: float = 0.03
    drift_m: tuple[float, float] = (0.0, 0.004)
    normal_noise: float = 0.12
    cut_m: tuple[float, float] = (0.0, 0.028)
    cut_chance: float = 0.85
    third_chance: float = 0.2
    holes_chance: float = 0.3
    hole_m: float = 0.03
    clutter_chance: float = 0.35
    clutter_points: tuple[int, int] = (8, 80)


CLEAN = Disturbance(
    stretch=0.0,
    camera_counts=(0.0, 0.0, 0.0, 1.0),
    one_sided=0.0,
    noise_m=(0.001, 0.001),
    flying_share=0.0,
    drift_m=(0.0, 0.0),
    normal_noise=0.05,
    cut_m=(0.02, 0.02),
    cut_chance=1.0,
    third_chance=0.0,
    holes_chance=0.0,
    clutter_chance=0.0,
)
"""Four cameras around, little noise, the foot cut at 2 cm as segmentation by depth does."""
FEWEST = 40
"""Points of a look; a look with fewer is drawn anew."""


@dataclass(frozen=True, eq=False)
class Look:
    """What is seen once.

    Attributes:
        points, normals: (N, 3) [m].
        scene_index: (N,) which point of the scene it is; -1 for clutter.
        middle_xy: (2,) [m] the true middle.
    """

    points: Float
    normals: Float
    scene_index: NDArray[np.int64]
    middle_xy: Float


def look_at_scene(scene: LearnScene, how: Disturbance, rng: np.random.Generator) -> Look:
    """One random look."""
    for _ in range(20):
        index = np.flatnonzero(np.isin(scene.camera, _cameras(len(scene.eyes), how, rng)))
        points, normals = scene.points[index].astype(np.float64), scene.normals[index].astype(np.float64)
        points, normals, middle = _stretched(points, normals, scene, how, rng)
        keep = _kept(points, how, rng)
        if keep.sum() >= FEWEST:
            break
    index, points, normals = index[keep], points[keep], normals[keep]
    points += _errors(scene, index, points, how, rng)
    normals = normals + how.normal_noise * rng.normal(size=normals.shape)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    if rng.random() < how.clutter_chance:
        extra, facing = _clutter(points, how, rng)
        points, normals = np.concatenate([points, extra]), np.concatenate([normals, facing])
        index = np.concatenate([index, np.full(len(extra), -1)])
    return Look(points, normals, index, middle)


def _cameras(cameras: int, how: Disturbance, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which cameras there are."""
    chances = np.asarray(how.camera_counts, dtype=np.float64)
    count = 1 + int(rng.choice(len(chances), p=chances / chances.sum()))
    first = rng.integers(cameras)
    step = 1.0 if rng.random() < how.one_sided else cameras / count
    return np.asarray((first + np.floor(step * np.arange(count))) % cameras, dtype=np.int64)


def _stretched(
    points: Float, normals: Float, scene: LearnScene, how: Disturbance, rng: np.random.Generator
) -> tuple[Float, Float, Float]:
    """Points, normals and middle, scaled along two horizontal directions and the vertical."""
    factors = np.exp(how.stretch * rng.uniform(-1, 1, 3))
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0.0], [np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])
    middle = np.append(scene.middle_xy.astype(np.float64), 0.0)
    matrix = turn @ np.diag(factors) @ turn.T
    bent = normals @ np.linalg.inv(matrix)
    bent /= np.maximum(np.linalg.norm(bent, axis=1, keepdims=True), 1e-9)
    return (points - middle) @ matrix + middle, bent, middle[:2]


def _kept(points: Float, how: Disturbance, rng: np.random.Generator) -> NDArray[np.bool_]:
    keep = np.ones(len(points), dtype=bool)
    if rng.random() < how.cut_chance:
        keep &= points[:, 2] > rng.uniform(*how.cut_m)
    if rng.random() < how.third_chance and keep.any():
        along = points @ _direction(rng)
        keep &= along > np.quantile(along[keep], rng.uniform(0.1, 0.4))
    if rng.random() < how.holes_chance:
        for center in points[rng.integers(len(points), size=rng.integers(1, 4))]:
            keep &= np.linalg.norm(points - center, axis=1) > rng.uniform(0.3, 1.0) * how.hole_m
    return keep


def _errors(
    scene: LearnScene, index: NDArray[np.int64], points: Float, how: Disturbance, rng: np.random.Generator
) -> Float:
    """Noise along the rays, flying pixels and the cameras' drift (N, 3) [m]."""
    ray = points - scene.eyes[scene.camera[index]]
    ray /= np.linalg.norm(ray, axis=1, keepdims=True)
    depth = rng.uniform(*how.noise_m) * rng.normal(size=len(points))
    flying = rng.random(len(points)) < how.flying_share
    depth[flying] = how.flying_m * rng.uniform(-0.2, 1.0, int(flying.sum()))
    drift = rng.uniform(*how.drift_m) * rng.normal(size=scene.eyes.shape)
    return np.asarray(depth[:, None] * ray + drift[scene.camera[index]])


def _clutter(points: Float, how: Disturbance, rng: np.random.Generator) -> tuple[Float, Float]:
    """Points and normals of the upper side of something low and flat, or of something round, beside the object."""
    count = int(rng.integers(*how.clutter_points))
    anchor, away = points[rng.integers(len(points))], _direction(rng) * (1.0, 1.0, 0.0)
    away /= max(float(np.linalg.norm(away)), 1e-6)
    center = np.append((anchor + rng.uniform(0.02, 0.09) * away)[:2], 0.0)
    size = rng.uniform(0.006, 0.04, 3) * (1.0, 1.0, 0.4)
    turn = rng.uniform(0, np.pi)
    local = rng.uniform(-1, 1, (count, 2)) * size[:2]
    c, s = np.cos(turn), np.sin(turn)
    height = rng.uniform(0.018, 0.05) + size[2] * rng.uniform(-1, 1, count)
    placed = np.stack([c * local[:, 0] - s * local[:, 1], s * local[:, 0] + c * local[:, 1], height], axis=1)
    facing = np.array([0.0, 0.0, 1.0]) + 0.5 * rng.normal(size=(count, 3))
    return center + placed, facing / np.linalg.norm(facing, axis=1, keepdims=True)


def _direction(rng: np.random.Generator) -> Float:
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector))
