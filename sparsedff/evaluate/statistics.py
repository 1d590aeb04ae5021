"""Means and rates with intervals, by SciPy."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval and the number of cases behind it."""

    value: float
    low: float
    high: float
    count: int


def mean_interval(values: Sequence[float], seed: int = 0, clusters: Sequence[str] | None = None) -> Estimate:
    """Mean with a BCa bootstrap interval; NaN entries are left out, too few or equal values have no width.

    Args:
        values: one a case.
        seed: of the resampling.
        clusters: what each case belongs to, such as its family: whole clusters are resampled, because cases of one are
            alike. One cluster alone, or None, resamples the cases.
    """
    kept = np.isfinite(values)
    numbers = np.asarray(values, dtype=np.float64)[kept]
    if len(numbers) == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    mean = float(numbers.mean())
    if len(numbers) < 2 or np.ptp(numbers) == 0:
        return Estimate(mean, mean, mean, len(numbers))
    names = np.asarray(clusters)[kept] if clusters is not None else np.arange(len(numbers))
    index = np.unique(names, return_inverse=True)[1]
    if index.max() == 0:
        index = np.arange(len(numbers))
    sums = np.asarray(np.bincount(index, numbers), dtype=np.float64)
    counts = np.asarray(np.bincount(index), dtype=np.float64)
    low, high = _ratio_interval(sums, counts, "BCa", seed)
    if not np.isfinite([low, high]).all():  # BCa's acceleration is 0 / 0 where leaving out any cluster changes nothing
        low, high = _ratio_interval(sums, counts, "percentile", seed)
    return Estimate(mean, low, high, len(numbers))


def _ratio_interval(sums: Float, counts: Float, kind: Literal["BCa", "percentile"], seed: int) -> tuple[float, float]:
    """Interval of sum / count over resampled clusters."""

    def ratio(drawn: Float, sizes: Float, axis: int) -> Float:
        return np.asarray(drawn.sum(axis=axis) / sizes.sum(axis=axis))

    rng = np.random.default_rng(seed)
    with warnings.catch_warnings():  # degenerate data are handled by the caller
        warnings.simplefilter("ignore")
        found = stats.bootstrap(
            (sums, counts), ratio, paired=True, vectorized=True, method=kind, n_resamples=2000, rng=rng
        )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def rate_interval(successes: int, count: int) -> Estimate:
    """Share of successes with its Wilson interval."""
    if count == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    interval = stats.binomtest(successes, count).proportion_ci(method="wilson")
    return Estimate(successes / count, float(interval.low), float(interval.high), count)
