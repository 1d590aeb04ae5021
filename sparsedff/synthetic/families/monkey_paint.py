"""What a sock monkey looks like: marled yarn, cream cap and paws, red lips, seams, stitches and a button.

All patterns are functions of canonical coordinates, so they sit at the same place of every member of the family.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError
from sparsedff.synthetic.shapes.noise import fractal_noise, smooth_noise, step
from sparsedff.synthetic.shapes.objects import Paint

Float = NDArray[np.float64]
Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class MonkeyColors:
    """The yarn; colours are albedos in [0, 1].

    Attributes:
        fur, fleck: the two yarns that are knitted together on body and limbs.
        cream: cap, belly, muzzle, paws.
        accent: lips, stripes, the inside of the ears.
        dark: eyes, seams, stitches.
        pattern_seed: which pattern of blotches; members of one design share it.
        contrast: strength of the blotches, 0 to 1.

    Raises:
        ConfigError: an albedo or the contrast outside [0, 1], or a negative seed.
    """

    fur: Rgb = (0.20, 0.11, 0.06)
    fleck: Rgb = (0.50, 0.36, 0.22)
    cream: Rgb = (0.80, 0.71, 0.55)
    accent: Rgb = (0.62, 0.06, 0.06)
    dark: Rgb = (0.02, 0.02, 0.02)
    pattern_seed: int = 7
    contrast: float = 1.0

    def __post_init__(self) -> None:
        for name in ("fur", "fleck", "cream", "accent", "dark", "contrast"):
            value = np.asarray(getattr(self, name), dtype=np.float64)
            if value.shape not in ((), (3,)) or not np.all((value >= 0) & (value <= 1)):
                raise ConfigError(f"monkey colours: {name} must lie in [0, 1], got {getattr(self, name)}")
        if self.pattern_seed < 0:
            raise ConfigError(f"monkey colours: pattern_seed must be >= 0, got {self.pattern_seed}")


# Canonical coordinates count in radii; a bump of noise should be some 10 mm wide on every part.
_BUMPS_PER_UNIT = {"body": 4.2, "chest": 3.4, "head": 4.2, "muzzle": 2.2, "ear": 1.6, "thigh": 1.8, "foot": 1.8}
_OTHER_BUMPS_PER_UNIT = 1.4


def monkey_paint(colors: MonkeyColors) -> Paint:
    """The albedo function of a monkey in these colours."""

    def paint(part: str, canonical: Float) -> Float:
        kind = part.removesuffix("_left").removesuffix("_right")
        return np.clip(_Brush(colors, part, kind, canonical).paint(), 0.0, 1.0)

    return paint


class _Brush:
    """Paints one part: `x`, `y`, `z` are its canonical coordinates (N,)."""

    def __init__(self, colors: MonkeyColors, part: str, kind: str, canonical: Float) -> None:
        self.colors, self.kind = colors, kind
        self.x, self.y, self.z = canonical.T
        self.canonical = canonical
        # One pattern per part name: left and right are different pieces of cloth.
        self.seed = colors.pattern_seed + 1000 * sum(ord(letter) * (n + 1) for n, letter in enumerate(part))
        self.bumps = _BUMPS_PER_UNIT.get(kind, _OTHER_BUMPS_PER_UNIT)

    def paint(self) -> Float:
        named = {
            "head": self._head,
            "muzzle": self._muzzle,
            "eye": self._eye,
            "ear": self._ear,
            "body": self._torso,
            "chest": self._torso,
            "hand": self._paw,
            "foot": self._paw,
        }
        return named.get(self.kind, self._limb)()

    def _marl(self) -> Float:
        """Two yarns knitted together: big blotches, medium flecks and fine rows of stitches; (N, 3)."""
        blotch = step(fractal_noise(self.canonical * self.bumps * 0.55, self.seed), 0.02, 0.35)
        fleck = step(fractal_noise(self.canonical * self.bumps * 1.6, self.seed + 1), 0.05, 0.30)
        share = np.clip(self.colors.contrast * (0.55 * blotch + 0.45 * fleck), 0, 1)[:, None]
        return _mix(np.asarray(self.colors.fur), np.asarray(self.colors.fleck), share) * self._weave()

    def _plain(self, color: Rgb) -> Float:
        """One yarn, with the unevenness of cloth; (N, 3)."""
        uneven = 0.10 * fractal_noise(self.canonical * self.bumps * 1.3, self.seed + 2)
        return np.asarray(color) * (1.0 + uneven)[:, None] * self._weave()

    def _weave(self) -> Float:
        return (1.0 + 0.10 * smooth_noise(self.canonical * self.bumps * 4.0, self.seed + 3))[:, None]

    def _over(self, below: Float, color: Rgb, cover: Float) -> Float:
        return _mix(below, self._plain(color), cover[:, None])

    def _stitches(self, distance: Float, along: Float, per_unit: float) -> Float:
        """A dashed seam where |distance| is small; cover (N,)."""
        return (1.0 - step(np.abs(distance), 0.05, 0.05)) * step(np.sin(2 * np.pi * per_unit * along), -0.2, 0.5)

    def _head(self) -> Float:
        albedo = self._marl()
        face = step(-(((self.y) / 0.72) ** 2 + ((self.z + 0.08) / 0.62) ** 2), -1.0, 0.15) * step(self.x, 0.25, 0.1)
        albedo = self._over(albedo, self.colors.cream, face)
        cap = step(self.z - 0.10 * self.y, 0.62, 0.04)
        albedo = self._over(albedo, self.colors.cream, cap)
        # Five gores on the cap: an odd number looks different from the front and from the back.
        gore = step(np.cos(5.0 * np.arctan2(self.y, self.x)), 0.55, 0.25) * step(np.hypot(self.x, self.y), 0.16, 0.04)
        albedo = self._over(albedo, self.colors.fur, cap * gore)
        albedo = self._over(albedo, self.colors.accent, cap * (1.0 - step(np.hypot(self.x, self.y), 0.16, 0.04)))
        band = cap * (1.0 - step(self.z - 0.10 * self.y, 0.74, 0.04))
        albedo = self._over(albedo, self.colors.accent, band)
        brow = step(-np.abs(self.z - 0.56 + 0.5 * (np.abs(self.y) - 0.35) ** 2), -0.035, 0.03) * step(self.x, 0.3, 0.1)
        albedo = self._over(albedo, self.colors.dark, brow * step(-np.abs(np.abs(self.y) - 0.35), -0.16, 0.05))
        back = step(-self.x, 0.15, 0.1) * (1.0 - cap)
        albedo = self._over(albedo, self.colors.dark, back * self._stitches(self.y, self.z, 4.0))
        # A patch sewn on the left back of the head: without it the back would look alike on both sides.
        corner = np.maximum(np.abs(self.y - 0.48), np.abs(self.z - 0.12))
        patch = back * (1.0 - step(corner, 0.24, 0.03))
        albedo = self._over(albedo, self.colors.accent, patch)
        return self._over(albedo, self.colors.cream, patch * step(corner, 0.17, 0.03) * (1 - step(corner, 0.21, 0.02)))

    def _muzzle(self) -> Float:
        albedo = self._plain(self.colors.cream)
        smile = self.z + 0.22 - 0.28 * self.y**2
        lips = (1.0 - step(np.abs(smile), 0.16, 0.06)) * step(self.x, 0.1, 0.1)
        albedo = self._over(albedo, self.colors.accent, lips)
        albedo = self._over(albedo, self.colors.dark, lips * (1.0 - step(np.abs(smile), 0.04, 0.04)))
        nostril = np.hypot((np.abs(self.y) - 0.17) / 0.08, (self.z - 0.42) / 0.11)
        return self._over(albedo, self.colors.dark, (1.0 - step(nostril, 1.0, 0.3)) * step(self.x, 0.2, 0.1))

    def _eye(self) -> Float:
        glint = 1.0 - step(np.hypot(self.y - 0.25, self.z - 0.35), 0.22, 0.1)
        return _mix(np.asarray(self.colors.dark), np.ones(3), (glint * step(self.x, 0.0, 0.1))[:, None])

    def _ear(self) -> Float:
        inside = (1.0 - step(np.hypot(self.y, self.z), 0.62, 0.1)) * step(self.x, 0.0, 0.2)
        return self._over(self._marl(), self.colors.accent, inside)

    def _torso(self) -> Float:
        albedo = self._marl()
        if self.kind == "body":
            belly = step(-((self.y / 0.62) ** 2 + ((self.z - 0.1) / 0.75) ** 2), -1.0, 0.12) * step(self.x, 0.1, 0.1)
            albedo = self._over(albedo, self.colors.cream, belly)
            button = np.hypot(self.y, self.z - 0.25)
            albedo = self._over(albedo, self.colors.accent, step(self.x, 0.1, 0.1) * (1.0 - step(button, 0.15, 0.04)))
        back = step(-self.x, 0.1, 0.1)
        return self._over(albedo, self.colors.dark, back * self._stitches(self.y, self.z, 4.0))

    def _paw(self) -> Float:
        albedo = self._plain(self.colors.cream)
        stripe = 1.0 - step(np.abs((self.x if self.kind == "hand" else self.z) - 0.35), 0.14, 0.06)
        return self._over(albedo, self.colors.accent if self.kind == "foot" else self.colors.fur, stripe)

    def _limb(self) -> Float:
        rings = step(np.sin(2 * np.pi * (1.5 * self.z + 0.05 * self.x)), 0.35, 0.35)
        albedo = self._over(self._marl(), self.colors.cream, 0.85 * rings)
        return self._over(albedo, self.colors.dark, 0.8 * self._stitches(self.y, self.z, 4.0) * step(-self.x, 0.0, 0.2))


def _mix(first: Float, second: Float, share: Float) -> Float:
    return first * (1.0 - share) + second * share
