"""Seeded smooth noise: fabric, fur and wood come from here. Pure functions of position and seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

_AXIS_MIX = (0x9E3779B185EBCA77, 0xC2B2AE3D27D4EB2F, 0x165667B19E3779F9)  # large odd numbers, one per axis
_SEED_MIX = 0x27D4EB2F165667C5
_LOW_64 = (1 << 64) - 1


def _lattice_value(mixed: NDArray[np.uint64]) -> Float:
    """A fixed pseudo-random number in [-1, 1] of a mixed lattice index (N,)."""
    mixed = mixed ^ (mixed >> np.uint64(29))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)  # wraps around, as a hash should
    mixed ^= mixed >> np.uint64(32)
    return (mixed & np.uint64(0xFFFFFF)).astype(np.float64) / float(0x7FFFFF) - 1.0


def smooth_noise(points: Float, seed: int) -> Float:
    """Noise (N,) in [-1, 1] at points (N, 3), C1, about one bump per unit of length."""
    base = np.floor(points)
    fraction = points - base
    fade = fraction * fraction * (3.0 - 2.0 * fraction)
    index = base.astype(np.int64).astype(np.uint64)
    mixed = [
        [(index[:, axis] + np.uint64(end)) * np.uint64(mix) for end in (0, 1)] for axis, mix in enumerate(_AXIS_MIX)
    ]
    offset = np.uint64(seed * _SEED_MIX & _LOW_64)

    def edge(i: int, j: int) -> Float:  # interpolated along z
        start = mixed[0][i] + mixed[1][j] + offset
        low, high = _lattice_value(start + mixed[2][0]), _lattice_value(start + mixed[2][1])
        return low + (high - low) * fade[:, 2]

    def face(i: int) -> Float:  # interpolated along y
        low, high = edge(i, 0), edge(i, 1)
        return low + (high - low) * fade[:, 1]

    front, back = face(0), face(1)
    return front + (back - front) * fade[:, 0]


def fractal_noise(points: Float, seed: int, octaves: int = 3) -> Float:
    """Noise (N,) in about [-1, 1]: octaves of doubled frequency and halved strength, points (N, 3)."""
    total, norm = np.zeros(len(points)), 0.0
    for octave in range(octaves):
        total += 0.5**octave * smooth_noise(points * 2.0**octave, seed + 101 * octave)
        norm += 0.5**octave
    return total / norm


def step(value: Float, edge: float, width: float) -> Float:
    """0 below `edge`, 1 above, a cubic ramp of `width` around it; (N,)."""
    t = np.clip((value - edge) / width + 0.5, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
