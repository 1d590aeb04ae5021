"""One group of raw features reduced to few channels of a common scale, as values that can be kept in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import DistillError

Raw = NDArray[np.floating]

_NO_SPREAD = 1e-6  # of descriptors of size 1 and heights in metres: rounding


@dataclass(frozen=True, eq=False)
class Group:
    """A PCA and a scale.

    Attributes:
        mean: (D,) of the raw values.
        directions: (D, K) columns of the PCA.
        scale: what the reduced values are divided by; infinite where nothing varies.

    Raises:
        DistillError: shapes contradict the above.
    """

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    scale: float

    def __post_init__(self) -> None:
        if self.directions.ndim != 2 or self.mean.shape != self.directions.shape[:1]:
            raise DistillError(
                f"reduction: a mean {self.mean.shape} and directions {self.directions.shape} do not belong together"
            )

    def __call__(self, values: Raw) -> NDArray[np.float64]:
        """(N, K) of raw values (N, D)."""
        return np.asarray(((values - self.mean) @ self.directions) / self.scale)


def fit_group(raw: Raw, components: int, seed: int = 0) -> Group:
    """PCA to at most `components` channels, scaled so that two random reference points differ by 1 in mean L1.

    What does not vary on the reference (the colour of a white object) tells no points apart and becomes zero.
    """
    mean = raw.mean(axis=0)
    directions = np.linalg.svd(raw - mean, full_matrices=False)[2][:components].T
    reduced = (raw - mean) @ directions
    first, second = np.random.default_rng(seed).integers(len(raw), size=(2, 5000))
    spread = float(np.abs(reduced[first] - reduced[second]).mean())
    return Group(mean, directions, spread if spread > _NO_SPREAD else np.inf)


def pack(groups: Sequence[Group]) -> dict[str, NDArray]:
    """Arrays mean_I, directions_I and scale_I of group I, in their own precision."""
    arrays: dict[str, NDArray] = {}
    for index, group in enumerate(groups):
        arrays |= {f"mean_{index}": group.mean, f"directions_{index}": group.directions}
        arrays[f"scale_{index}"] = np.array(group.scale, dtype=np.float64)
    return arrays


def unpack(arrays: Mapping[str, NDArray]) -> tuple[Group, ...]:
    """The groups of `pack`.

    Raises:
        DistillError: an array is missing, or their shapes do not belong together.
    """
    count = sum(name.startswith("mean_") for name in arrays)
    try:
        return tuple(
            Group(arrays[f"mean_{i}"], arrays[f"directions_{i}"], float(arrays[f"scale_{i}"])) for i in range(count)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DistillError(f"reduction: its arrays are incomplete ({error}); make the file anew") from None
