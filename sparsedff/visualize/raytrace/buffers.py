"""Buffers of a picture: depth, item, colour and normal at every pixel, before shading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.visualize.raytrace.splat import splat
from sparsedff.visualize.raytrace.stage import Stage
from sparsedff.visualize.raytrace.viewpoint import Viewpoint

Float = NDArray[np.floating]

NOTHING = -1  # neither item nor table


@dataclass(frozen=True, eq=False)
class Buffers:
    """An image of H x W, P pixels of which show an item.

    Attributes:
        depth: (H, W) float32 along the optical axis [m], infinite where no item is.
        item: (H, W) index into the drawing's items, NOTHING where there is none.
        pixel: (P,) flat indices of the pixels that show an item, ascending.
        color: (P, 3) in 0..1.
        normal: (P, 3) unit, world frame, towards the eye.
        light: (P, 2) ambient and key share in 0..1.
    """

    depth: Float
    item: NDArray[np.int16]
    pixel: NDArray[np.int64]
    color: Float
    normal: Float
    light: Float


def draw_buffers(stage: Stage, viewpoint: Viewpoint) -> Buffers:
    """Rays for the meshes, discs for the points; the nearer of the two wins each pixel."""
    count = viewpoint.height * viewpoint.width
    depth = np.full(count, np.inf, dtype=np.float32)
    item = np.full(count, NOTHING, dtype=np.int16)
    source = np.zeros(count, dtype=np.int32)  # row of the features that a pixel shows
    layers = (_surface(stage, viewpoint), _points(stage, viewpoint))
    start = 0
    for pixel, at, which, _ in layers:
        nearer = np.flatnonzero(at < depth[pixel])
        won = pixel[nearer]
        depth[won], item[won], source[won] = at[nearer], which[nearer], start + nearer
        start += len(pixel)
    drawn = np.flatnonzero(item != NOTHING)
    seen = np.concatenate([layer[3] for layer in layers])[source[drawn]]
    normal = seen[:, 3:6]
    rays = viewpoint.rays(*np.divmod(drawn, viewpoint.width)[::-1])
    normal = normal * np.where(np.einsum("nk,nk->n", normal, rays) > 0, -1, 1)[:, None]
    normal /= np.maximum(np.sqrt(np.einsum("nk,nk->n", normal, normal)), 1e-9)[:, None]
    shape = (viewpoint.height, viewpoint.width)
    return Buffers(depth.reshape(shape), item.reshape(shape), drawn, seen[:, :3], normal, seen[:, 6:8])


Layer = tuple[NDArray[np.int64], Float, NDArray[np.int64], Float]  # pixels, depths, items, features


def _surface(stage: Stage, viewpoint: Viewpoint) -> Layer:
    """Meshes and paths, by one ray per pixel of the rectangle they fill."""
    surface = stage.surface
    if len(surface.faces) == 0:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), np.zeros((0, 8), np.float32)
    uv, z = viewpoint.project(surface.vertices)
    last = np.array([viewpoint.width - 1, viewpoint.height - 1])
    low, high = (0, 0), last
    if (z > 1e-6).all():  # else part lies behind the eye, and the projection bounds nothing
        low, high = np.clip(np.floor(uv.min(axis=0)), 0, last + 1), np.clip(np.ceil(uv.max(axis=0)), -1, last)
    u, v = (a.ravel() for a in np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1)))
    face, weights, at = stage.caster.first_hit(viewpoint.eye, viewpoint.rays(u, v))
    hit = face >= 0
    face, weights = face[hit], weights[hit].astype(np.float32)
    corners = np.concatenate([surface.colors, surface.normals, stage.surface_light], axis=1).astype(np.float32)
    seen = sum(weights[:, k, None] * corners[surface.faces[face, k]] for k in range(3))
    pixel = (v[hit] * viewpoint.width + u[hit]).astype(np.int64)
    return pixel, at[hit].astype(np.float64), stage.surface_item[face], np.asarray(seen)


def _points(stage: Stage, viewpoint: Viewpoint) -> Layer:
    """All points of the drawing. Clouds are told apart by the item of most weight in a pixel."""
    surfels = stage.surfels
    # Signs of normals must agree before they are averaged; seen from this eye, all point towards it.
    away = (surfels.normals * (surfels.positions - viewpoint.eye)).sum(axis=1, keepdims=True) > 0
    normals = np.where(away, -surfels.normals, surfels.normals)
    clouds = np.unique(stage.surfel_item)
    member = (stage.surfel_item[:, None] == clouds).astype(np.float64)
    features = np.concatenate([surfels.colors, normals, stage.surfel_light, member], axis=1)
    pixel, at, seen = splat(surfels.positions, surfels.normals, surfels.radii, features, viewpoint)
    which = clouds[seen[:, 8:].argmax(axis=1)] if len(clouds) else np.zeros(0, np.int64)
    return pixel, at, which, seen[:, :8]
