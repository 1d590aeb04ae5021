"""Features made visible: how alike they are to one of them, and their principal components as colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError
from sparsedff.visualize.color_scale import ColorScale

Float = NDArray[np.floating]

_ENDS = (0.02, 0.98)  # quantiles at the ends of a colour scale: single outliers would leave one colour to the rest


@dataclass(frozen=True)
class Likeness:
    """A way to compare features.

    Attributes:
        name: what --similarity calls it.
        title: what a colour bar calls it.
        unit: of the values, empty for pure numbers.
        falling: whether small values mean alike.
        of: features (N, C) and one feature (C,) to values (N,).
    """

    name: str
    title: str
    unit: str
    falling: bool
    of: Callable[[Float, Float], Float]

    def best(self, values: Float) -> int:
        """Flat index of the value that means most alike."""
        return int(np.argmin(values) if self.falling else np.argmax(values))

    def scale(self, values: Sequence[Float]) -> ColorScale:
        """One colour scale for arrays of values, which need not be equally long.

        The bright end is the value of greatest likeness itself, the dark one a quantile.
        """
        together = np.concatenate([np.ravel(value) for value in values])
        low, high = (float(end) for end in np.quantile(together, _ENDS))
        low, high = (float(together.min()), high) if self.falling else (low, float(together.max()))
        low, high = float(f"{low:.2g}"), float(f"{high:.2g}")  # numbers that fit a colour bar
        return ColorScale(self.title, low, high if high > low else low + 1.0, self.unit, falling=self.falling)


def _l2(features: Float, reference: Float) -> Float:
    return np.linalg.norm(features - reference, axis=1)


def _dot(features: Float, reference: Float) -> Float:
    return features @ reference


def _cosine(features: Float, reference: Float) -> Float:
    lengths = np.linalg.norm(features, axis=1) * np.linalg.norm(reference)
    return features @ reference / np.maximum(lengths, 1e-12)


LIKENESSES = {
    "l2": Likeness("l2", "L2 distance of features, 0 = same", "feature units", True, _l2),
    "dot": Likeness("dot", "dot product of features", "feature units²", False, _dot),
    "cosine": Likeness("cosine", "cosine between features, 1 = same", "", False, _cosine),
}


def likeness(name: str) -> Likeness:
    """The way to compare of this name.

    Raises:
        ConfigError: there is none; lists those there are.
    """
    if name not in LIKENESSES:
        raise ConfigError(f"--similarity: no {name!r}; known are {', '.join(LIKENESSES)}")
    return LIKENESSES[name]


def pca_colors(features: Sequence[Float]) -> list[NDArray[np.uint8]]:
    """Colours (N, 3) of each array of features (N, C): its first three principal components as red, green and blue.

    The components are fitted on all arrays together, so that equal colours mean like features across scenes. Their
    signs are fixed by the largest entry of each direction: the same features always get the same colours.
    """
    together = np.concatenate([np.asarray(part, dtype=np.float64) for part in features])
    mean = together.mean(axis=0)
    _, _, directions = np.linalg.svd(together - mean, full_matrices=False)
    directions = directions[:3]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    directions = directions * np.where(largest < 0, -1.0, 1.0)
    low, high = np.quantile((together - mean) @ directions.T, _ENDS, axis=0)
    colors = []
    for part in features:
        share = ((part - mean) @ directions.T - low) / np.maximum(high - low, 1e-12)
        padded = np.full((len(part), 3), 0.5)
        padded[:, : share.shape[1]] = share
        colors.append(np.round(255 * np.clip(padded, 0, 1)).astype(np.uint8))
    return colors
