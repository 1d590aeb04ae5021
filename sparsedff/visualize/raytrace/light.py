"""How much light reaches a place: openness to the sky and to the key lamp, by rays in fixed directions.

Directions are low-discrepancy sets instead of random ones. Pictures are therefore reproducible, and neighbouring
places see the same pattern, which looks smooth where random rays would look grainy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.visualize.raytrace.raycast import Caster

Float = NDArray[np.floating]

KEY_HALF_ANGLE = 0.16  # radius of the key lamp seen from the table [rad]: makes the edge of its shadows soft
_REACH_M = 0.08  # what is farther away than this takes no ambient light
_LIFT_M = 0.0006  # rays start this far off their surface, lest they hit it
_GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


def ambient(caster: Caster, positions: Float, normals: Float | None, rays: int = 24, table: bool = True) -> Float:
    """Share of the sky (N,) in 0..1 that a place sees, nearer obstacles counting more.

    Args:
        caster: the obstacles; the plane z = 0 is one too if `table` is set.
        positions: (N, 3) [m].
        normals: (N, 3): the sky is the half space they point to, weighted by the cosine. None: all directions equally,
            for points whose outer side is unknown.
    """
    index = np.arange(rays) + 0.5
    angle = index * _GOLDEN_ANGLE
    if normals is None:
        height = 1 - 2 * index / rays
        local = np.stack([*_circle(angle, np.sqrt(1 - height**2)), height], axis=1)
        directions = np.broadcast_to(local.astype(np.float32), (len(positions), rays, 3))
        origins = positions
    else:
        radius = np.sqrt(index / rays)  # uniform on the disc is cosine-weighted on the hemisphere
        local = np.stack([*_circle(angle, radius), np.sqrt(1 - radius**2)], axis=1)
        directions = local.astype(np.float32) @ _frames(normals).astype(np.float32)  # (N, rays, 3)
        origins = positions + _LIFT_M * normals
    origins = origins.astype(np.float32)
    flat = directions.reshape(-1, 3)
    distance = caster.distance(np.repeat(origins, rays, axis=0), flat)
    if table:
        down = flat[:, 2] < -1e-6
        drop = np.repeat(np.maximum(origins[:, 2], 0.0), rays)[down] / -flat[down, 2]
        distance[down] = np.minimum(distance[down], drop)
    covered = np.maximum(1 - distance / _REACH_M, 0.0) ** 2
    return 1 - covered.reshape(-1, rays).mean(axis=1)


def key(caster: Caster, positions: Float, normals: Float | None, towards_lamp: Float, rays: int = 10) -> Float:
    """Share (N,) of the key lamp, a disc around the unit direction `towards_lamp` (3,), that a place sees."""
    index = np.arange(rays) + 0.5
    radius = np.tan(KEY_HALF_ANGLE) * np.sqrt(index / rays)
    x, y = _circle(index * _GOLDEN_ANGLE, radius)
    across, along, _ = _frames(towards_lamp[None])[0]
    directions = towards_lamp + x[:, None] * across + y[:, None] * along
    # Points have no outer side: their rays start a little towards the lamp instead.
    origins = positions + (0.002 * towards_lamp if normals is None else _LIFT_M * normals)
    flat = np.broadcast_to(directions.astype(np.float32), (len(positions), rays, 3)).reshape(-1, 3)
    return 1 - caster.blocked(np.repeat(origins.astype(np.float32), rays, axis=0), flat).reshape(-1, rays).mean(axis=1)


def _circle(angle: Float, radius: Float) -> tuple[Float, Float]:
    return radius * np.cos(angle), radius * np.sin(angle)


def _frames(normals: Float) -> Float:
    """Orthonormal frames (N, 3, 3) whose rows are two tangents and the normal.

    The tangents turn smoothly with the normal except around -z, where no choice could.
    """
    x, y, z = normals.T
    a = -1 / (1 + np.maximum(z, -1 + 1e-6))
    first = np.stack([1 + a * x * x, a * x * y, -x], axis=1)
    second = np.stack([a * x * y, 1 + a * y * y, -y], axis=1)
    return np.stack([first, second, normals], axis=1)
