"""How similar features are to one of them: the measures that `--similarity` offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import ConfigError
from sparsedff.visualize.color_scale import SCALE_ENDS, ColorScale

Float = NDArray[np.floating]


@dataclass(frozen=True)
class Similarity:
    """A measure of how similar features are to one feature.

    Attributes:
        name: what --similarity calls it.
        title: what a colour bar calls it.
        unit: of the values, empty for pure numbers.
        falling: whether small values mean similar.
        of: features (N, C) and one feature (C,) to values (N,).
    """

    name: str
    title: str
    unit: str
    falling: bool
    of: Callable[[Float, Float], Float]

    def best(self, values: Float) -> int:
        """Flat index of the value that means most similar."""
        return int(np.argmin(values) if self.falling else np.argmax(values))

    def scale(self, values: Sequence[Float]) -> ColorScale:
        """One colour scale for arrays of values, which need not be equally long.

        The bright end is the most similar value itself, the dark end a quantile: single outliers would leave one colour
        to all the rest.
        """
        together = np.concatenate([np.ravel(value) for value in values])
        low, high = (float(end) for end in np.quantile(together, SCALE_ENDS))
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


SIMILARITIES = {
    "l2": Similarity("l2", "L2 distance of features, 0 = same", "feature units", True, _l2),
    "dot": Similarity("dot", "dot product of features", "feature units²", False, _dot),
    "cosine": Similarity("cosine", "cosine between features, 1 = same", "", False, _cosine),
}


def find_similarity(name: str) -> Similarity:
    """The measure of this name.

    Raises:
        ConfigError: there is none; lists those there are.
    """
    if name not in SIMILARITIES:
        raise ConfigError(f"--similarity: no {name!r}; known are {', '.join(SIMILARITIES)}")
    return SIMILARITIES[name]
