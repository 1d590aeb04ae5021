"""What a teddy bear looks like: curly plush, light muzzle, belly and soles, a ribbon, stitches, a patch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.synthetic.families.parameters import Palette
from sparsedff.synthetic.shapes.brush import band, disc, over
from sparsedff.synthetic.shapes.noise import fractal_noise, smooth_noise, step
from sparsedff.synthetic.shapes.objects import Paint

Float = NDArray[np.float64]

_CURLS_PER_UNIT = {"body": 7.0, "chest": 6.0, "head": 7.0, "muzzle": 3.5, "ear": 2.5}
_OTHER_CURLS_PER_UNIT = 2.5


def teddy_paint(colors: Palette) -> Paint:
    """The albedo function of a bear in these colours."""

    def paint(part: str, canonical: Float) -> Float:
        kind = part.removesuffix("_left").removesuffix("_right")
        left = part.endswith("_left")
        # One pattern per part name: left and right are different pieces of cloth.
        seed = colors.pattern_seed + 1000 * sum(ord(letter) * (n + 1) for n, letter in enumerate(part))
        curls = _CURLS_PER_UNIT.get(kind, _OTHER_CURLS_PER_UNIT)
        return np.clip(_painted(colors, kind, left, canonical, seed, curls), 0.0, 1.0)

    return paint


def _painted(colors: Palette, kind: str, left: bool, at: Float, seed: int, curls: float) -> Float:
    x, y, z = at.T
    plush = _plush(colors.base, at, seed, curls)
    light = _plush(colors.second, at, seed + 1, curls)
    front = step(x, 0.1, 0.15)
    if kind == "nose":
        return over(np.tile(np.asarray(colors.ink), (len(at), 1)), (0.6, 0.6, 0.6), disc(y - 0.3, z - 0.4, 0.2, 0.1))
    if kind == "eye":
        ring = over(np.tile(np.asarray(colors.ink), (len(at), 1)), (0.30, 0.16, 0.05), disc(y, z, 0.6, 0.1))
        ring = over(ring, colors.ink, disc(y, z, 0.35, 0.1))
        return over(ring, (1.0, 1.0, 1.0), disc(y - 0.25, z - 0.35, 0.18, 0.08) * step(x, 0.0, 0.1))
    if kind == "muzzle":
        smile = band(z + 0.25 - 0.35 * y**2, -0.06, 0.06, 0.05) * step(x, 0.2, 0.1)
        seam = band(y, -0.05, 0.05, 0.04) * band(z, -0.25, 0.45, 0.05) * step(x, 0.2, 0.1)
        return over(light, colors.ink, np.maximum(smile, seam))
    if kind == "ear":
        return over(plush, colors.second, disc(y, z, 0.62, 0.1) * step(x, 0.0, 0.2))
    if kind == "head":
        return _head(colors, plush, light, at)
    if kind == "body":
        belly = front * disc(y / 0.72, (z - 0.05) / 0.82, 1.0, 0.08)
        fur = over(plush, light, belly)
        # A heart on the left of the belly, a seam down the back.
        heart = (y - 0.30) ** 2 + (1.15 * (z - 0.32) - 0.45 * np.sqrt(np.abs(y - 0.30))) ** 2
        fur = over(fur, colors.accent, front * (1.0 - step(heart, 0.045, 0.015)))
        return over(fur, colors.ink, _stitches(y, z) * step(-x, 0.1, 0.1))
    if kind == "chest":
        ribbon = band(z + 0.10 * x, 0.52, 0.80, 0.04)
        dots = step(np.sin(7.0 * np.arctan2(y, x)), 0.6, 0.3)
        return over(over(plush, colors.accent, ribbon), light, 0.8 * ribbon * dots)
    if kind == "foot":
        sole = step(x, 0.15, 0.1)
        pad = np.maximum(disc(y, z + 0.25, 0.42, 0.06), disc(np.abs(y) - 0.42, z - 0.42, 0.17, 0.05))
        return over(over(plush, light, sole), colors.ink, 0.8 * sole * np.maximum(pad, disc(y, z - 0.60, 0.17, 0.05)))
    if kind == "hand":
        paw = over(plush, light, step(x - 0.4 * z, 0.35, 0.1))
        return over(paw, colors.ink, 0.8 * disc(y, z, 0.3, 0.05) * step(x, 0.4, 0.1))
    # Limbs: a band of other cloth, on the left arm and the right leg only.
    patch = band(z, 0.45, 0.85, 0.06) * (1.0 if left == (kind in ("upper_arm", "forearm")) else 0.0)
    fur = over(plush, light, patch)
    return over(fur, colors.ink, 0.8 * _stitches(y, z) * step(-x, 0.0, 0.2))


def _head(colors: Palette, plush: Float, light: Float, at: Float) -> Float:
    x, y, z = at.T
    blaze = step(x, 0.0, 0.15) * disc(y / 0.30, (z - 0.65) / 0.42, 1.0, 0.1)
    albedo = over(plush, light, blaze)
    brow = band(z - 0.52 + 0.5 * (np.abs(y) - 0.38) ** 2, -0.035, 0.035, 0.03) * band(np.abs(y), 0.25, 0.52, 0.04)
    albedo = over(albedo, colors.ink, brow * step(x, 0.3, 0.1))
    albedo = over(albedo, colors.ink, _stitches(y - 0.05, z) * step(-x, 0.15, 0.1))
    # A square patch on the right back of the head tells the sides apart.
    corner = np.maximum(np.abs(y + 0.48), np.abs(z - 0.15))
    patch = step(-x, 0.15, 0.1) * (1.0 - step(corner, 0.26, 0.03))
    albedo = over(albedo, colors.accent, patch)
    return over(albedo, light, patch * band(corner, 0.15, 0.20, 0.02))


def _plush(color: tuple[float, float, float], at: Float, seed: int, curls: float) -> Float:
    """Curly plush (N, 3): dark between the curls, blotches of wear."""
    curl = 1.0 - np.abs(smooth_noise(at * curls, seed))
    wear = fractal_noise(at * curls * 0.3, seed + 1)
    shade = 0.55 + 0.55 * curl + 0.22 * wear
    return np.asarray(color) * shade[:, None]


def _stitches(distance: Float, along: Float) -> Float:
    return (1.0 - step(np.abs(distance), 0.05, 0.05)) * step(np.sin(8.0 * np.pi * along), -0.2, 0.5)
