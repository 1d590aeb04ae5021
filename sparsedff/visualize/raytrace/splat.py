"""Surfels drawn into an image: overlapping discs, z-buffered, blended where they belong to the same surface."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from sparsedff.visualize.raytrace.viewpoint import Viewpoint

Float = NDArray[np.floating]

_FLATTEST = 0.3  # smallest cosine between disc and view: discs seen edge-on keep some width, so that rims close


def splat(
    positions: Float, normals: Float, radii: Float, features: Float, viewpoint: Viewpoint
) -> tuple[NDArray[np.int64], Float, NDArray[np.floating]]:
    """Blend discs into the pixels they cover.

    Steps: (1) every disc covers the pixels whose ray meets its tangent plane within its radius; (2) a pixel's nearest
    fragment says where its surface is; (3) the fragments no deeper than one and a half radii behind it belong to that
    surface, and their depths and features are averaged with a Gaussian weight around each disc's centre.

    Args:
        positions: (N, 3) [m], world frame.
        normals: (N, 3) unit, of either sign.
        radii: (N,) [m].
        features: (N, C) what is blended.
        viewpoint: with image H x W.

    Returns:
        pixel (P,) flat indices, ascending; depth (P,) along the optical axis [m]; features (P, C).
    """
    pixel, depth, weight, source, radius = _fragments(positions, normals, radii, viewpoint)
    nearest = np.full(viewpoint.width * viewpoint.height, np.inf, dtype=np.float32)
    np.minimum.at(nearest, pixel, depth)
    seen = depth < nearest[pixel] + 1.5 * radius
    pixel, depth, weight, source = pixel[seen], depth[seen], weight[seen], source[seen]
    covered = np.flatnonzero(np.isfinite(nearest))
    row = np.empty(len(nearest), dtype=np.int32)
    row[covered] = np.arange(len(covered), dtype=np.int32)
    mixing = coo_matrix((weight, (row[pixel], source)), shape=(len(covered), len(positions))).tocsr()
    total = np.asarray(mixing.sum(axis=1)).reshape(-1, 1)
    blended = (mixing @ features.astype(np.float32)) / total
    mean_depth = np.bincount(row[pixel], weight * depth, len(covered)) / total[:, 0]
    return covered, mean_depth, blended


def _fragments(
    positions: Float, normals: Float, radii: Float, viewpoint: Viewpoint
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
    """Pixel, depth [m], weight, disc, disc radius [m] of every pair of a disc and a pixel it covers: five (M,) arrays.

    Works offset by offset over all discs at once; discs are sorted by size, so that those large enough for an offset
    are a prefix.
    """
    uv, z = viewpoint.project(positions)
    focal = viewpoint.intrinsics[0, 0]
    size_px = radii * focal / np.where(z > 0, z, np.inf)
    order = np.argsort(-size_px, kind="stable")
    order = order[(size_px > 0)[order] & (np.abs(uv[order]) < 1e6).all(axis=1)]
    size_px, uv = size_px[order], uv[order]
    z32, r32 = z[order].astype(np.float32), np.maximum(radii[order], 0.6 * z[order] / focal).astype(np.float32)
    slopes = _slopes(normals[order], positions[order], viewpoint).astype(np.float32)
    center = np.round(uv).astype(np.int32)
    shift = (center - uv).astype(np.float32)
    metres = z32 / np.float32(focal)
    reach = int(np.ceil(size_px.max() + 0.6)) if len(order) else 0
    found: list[tuple[NDArray, ...]] = [(np.zeros(0, np.int32), *[np.zeros(0, np.float32)] * 2, np.zeros(0, np.int32))]
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            most = np.searchsorted(-size_px, 0.75 - np.hypot(dx, dy), side="right")
            if most == 0:
                continue
            part = slice(0, most)
            x = (shift[part, 0] + dx) * metres[part]
            y = (shift[part, 1] + dy) * metres[part]
            lift = slopes[part, 0] * x + slopes[part, 1] * y
            share = (x * x + y * y + lift * lift) / (r32[part] * r32[part])
            u, v = center[part, 0] + dx, center[part, 1] + dy
            inside = (share <= 1) & (u >= 0) & (u < viewpoint.width) & (v >= 0) & (v < viewpoint.height)
            disc = np.flatnonzero(inside).astype(np.int32)
            pixel = v[disc] * viewpoint.width + u[disc]
            found.append((pixel, z32[disc] + lift[disc], np.exp(-2.5 * share[disc]), disc))
    pixel, depth, weight, disc = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return pixel, depth, weight, order.astype(np.int32)[disc], r32[disc]


def _slopes(normals: Float, positions: Float, viewpoint: Viewpoint) -> Float:
    """Depth gained per metre to the right and per metre down (N, 2) along each disc, the disc's front to the eye."""
    sight = positions - viewpoint.eye
    sight /= np.linalg.norm(sight, axis=1, keepdims=True)
    facing = np.where((normals * sight).sum(axis=1, keepdims=True) > 0, -normals, normals)
    x, y, z = (facing @ viewpoint.world_from_camera[:3, :3]).T
    z = np.minimum(z, -_FLATTEST)
    return np.stack([-x / z, -y / z], axis=1)
