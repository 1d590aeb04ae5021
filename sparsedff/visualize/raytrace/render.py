"""A drawing as a shaded picture, without any display or OpenGL."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.visualize.drawing import Drawing, Points
from sparsedff.visualize.raytrace.buffers import Buffers, draw_buffers
from sparsedff.visualize.raytrace.stage import Stage, prepare
from sparsedff.visualize.raytrace.table import draw_table
from sparsedff.visualize.raytrace.viewpoint import Viewpoint

Float = NDArray[np.floating]

SUPERSAMPLING = 2  # rays per pixel along each side
BACKGROUND = (0.995, 0.995, 0.99)


def render(drawing: Drawing | Stage, viewpoint: Viewpoint) -> NDArray[np.uint8]:
    """Picture (H, W, 3) RGB of a drawing.

    Args:
        drawing: a drawing, or a stage made of it with `prepare`, which saves time when several views are drawn.
        viewpoint: from `frame_points` or by hand.

    Raises:
        MissingPackageError: embreex is not installed.
    """
    stage = drawing if isinstance(drawing, Stage) else prepare(drawing)
    fine = viewpoint.scaled(SUPERSAMPLING)
    buffers = draw_buffers(stage, fine)
    image = np.broadcast_to(np.asarray(BACKGROUND, np.float32), (viewpoint.height, viewpoint.width, 3))
    if stage.table is not None:
        image = draw_table(stage.table, viewpoint, image).astype(np.float32)  # smooth by itself: needs no finer rays
    image = image.repeat(SUPERSAMPLING, axis=0).repeat(SUPERSAMPLING, axis=1)
    image.reshape(-1, 3)[buffers.pixel] = _shade(stage, buffers, fine)
    image *= _outline(buffers.depth)[..., None]
    for veil, opacity in stage.veils:
        seen = draw_buffers(veil, fine)
        front = seen.depth.reshape(-1)[seen.pixel] < buffers.depth.reshape(-1)[seen.pixel]
        veiled, behind = seen.pixel[front], image.reshape(-1, 3)
        behind[veiled] = (1 - opacity) * behind[veiled] + opacity * _shade(veil, seen, fine)[front]
    blocks = [image[i::SUPERSAMPLING, j::SUPERSAMPLING] for i in range(SUPERSAMPLING) for j in range(SUPERSAMPLING)]
    mean = sum(blocks[1:], blocks[0]) / len(blocks)
    return (np.clip(mean, 0, 1) * 255 + 0.5).astype(np.uint8)


def _shade(stage: Stage, buffers: Buffers, viewpoint: Viewpoint) -> Float:
    """Colours (P, 3) in 0..1 of the pixels that show an item: sky, key lamp with shadow, fill lamp, a faint gloss.

    Light adds up linearly, so that colours are squared for the sum and rooted after it (a gamma of 2).
    """
    albedo, normal = buffers.color, buffers.normal
    sky_share, key_share = buffers.light.T
    right, down, forward = viewpoint.world_from_camera[:3, :3].T
    fill = _unit(-forward - 0.5 * right - 0.35 * down)
    gain = (0.32 + 0.10 * normal[:, 2]) * sky_share
    gain += 0.58 * np.maximum(_dot(normal, stage.towards_key), 0) * key_share
    gain += 0.34 * np.maximum(_dot(normal, fill), 0) * (0.35 + 0.65 * sky_share)
    is_cloud = np.array([isinstance(item, Points) for item in stage.drawing.items])[
        buffers.item.reshape(-1)[buffers.pixel]
    ]
    # Camera colours are lit already: shade them half as much, and without gloss.
    gain = np.where(is_cloud, 0.5 * gain + 0.275 + 0.225 * sky_share, gain)
    mirror = np.maximum(_dot(normal, _unit(fill - forward)), 0)
    gloss = np.where(is_cloud, 0, 0.10 * (mirror**8) ** 4)
    return np.sqrt(np.clip(albedo * albedo * gain[:, None] + gloss[:, None], 0, 1))


def _outline(depth: Float) -> Float:
    """Shade (H, W) in 0..1 that darkens what lies behind the rim of something nearer, so that shapes stand apart."""
    finite = np.isfinite(depth)
    padded = np.where(finite, depth, depth.max(where=finite, initial=0) + np.float32(0.02))
    behind = np.zeros_like(padded)
    near, far = slice(None, -SUPERSAMPLING), slice(SUPERSAMPLING, None)
    for one, other in (((near,), (far,)), ((slice(None), near), (slice(None), far))):
        jump = padded[one] - padded[other]
        behind[one] += np.clip((jump - 0.003) / 0.02, 0, 1)
        behind[other] += np.clip((-jump - 0.003) / 0.02, 0, 1)
    return 1 - 0.13 * np.minimum(behind, 2.5)


def _dot(vectors: Float, direction: Float) -> Float:
    """Products (P,) of vectors (P, 3) with one direction (3,), in single precision and on this thread alone."""
    return np.einsum("pk,k->p", vectors, direction.astype(np.float32))


def _unit(vector: Float) -> Float:
    return vector / np.linalg.norm(vector)
