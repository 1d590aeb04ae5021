"""Means, rates and paired differences with intervals, by SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval and the number of cases behind it."""

    value: float
    low: float
    high: float
    count: int


def mean_interval(values: Sequence[float], seed: int = 0) -> Estimate:
    """Mean with a BCa bootstrap interval; NaN entries are left out, too few or equal values have no width."""
    kept = np.array([v for v in values if np.isfinite(v)])
    if len(kept) == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    mean = float(kept.mean())
    if len(kept) < 2 or np.ptp(kept) == 0:
        return Estimate(mean, mean, mean, len(kept))
    rng = np.random.default_rng(seed)
    interval = stats.bootstrap((kept,), np.mean, n_resamples=2000, rng=rng).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high), len(kept))


def rate_interval(successes: int, count: int) -> Estimate:
    """Share of successes with its Wilson interval."""
    if count == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    interval = stats.binomtest(successes, count).proportion_ci(method="wilson")
    return Estimate(successes / count, float(interval.low), float(interval.high), count)


def verdict(difference: Estimate, smaller_is_better: bool) -> str:
    """`better`, `worse` or `no evidence` of a paired difference (second less first)."""
    if not (difference.low > 0 or difference.high < 0) or difference.count < 2:
        return "no evidence"
    return "better" if (difference.value < 0) == smaller_is_better else "worse"
