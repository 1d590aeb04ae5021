"""Is a paired difference more than chance? Exact tests, and Holm's correction for asking about several measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Float = NDArray[np.float64]

EXACT_PAIRS = 12
"""Up to so many pairs all sign flips are tried, above them this many seeded draws."""
DRAWS = 10_000
LEVEL = 0.05


@dataclass(frozen=True)
class Evidence:
    """What a test says.

    Attributes:
        p: two-sided probability of a difference at least as large if there is no effect.
        least: the smallest p that the test could have given for differences of these sizes, whatever their signs.
    """

    p: float
    least: float


def sign_flip(differences: Sequence[float] | Float) -> Evidence:
    """Permutation test of lengths: without an effect each pair's difference (n,) could as well have the other sign.

    Right for any distribution of errors, heavy tails included. All 2^n flips up to 12 pairs, else 10,000 draws, to
    which the flip found is added.
    """
    values = np.asarray(differences, dtype=np.float64)
    found = abs(values.sum())
    flipped = np.abs(_signs(len(values)) @ values)
    extreme = int((flipped >= found - 1e-9 * np.abs(values).sum()).sum())  # sums of the same numbers differ by rounding
    least = 2.0 ** (1 - int(np.count_nonzero(values)))
    if len(values) <= EXACT_PAIRS:
        return Evidence(extreme / len(flipped), min(least, 1.0))
    return Evidence((1 + extreme) / (1 + DRAWS), min(max(least, 1 / (1 + DRAWS)), 1.0))


def mcnemar(differences: Sequence[float] | Float) -> Evidence:
    """McNemar's exact test of yes/no: of the pairs that changed, -1 or 1 of (n,), either way is as likely."""
    changed = [value for value in differences if value]
    if not changed:
        return Evidence(1.0, 1.0)
    p = stats.binomtest(sum(value > 0 for value in changed), len(changed), 0.5).pvalue
    return Evidence(float(p), min(2.0 ** (1 - len(changed)), 1.0))


def holm(found: Mapping[str, Evidence]) -> dict[str, float]:
    """Adjusted p by measure: the chance that any of them is called different without an effect stays below the level.

    A measure that cannot reach the level whatever its signs, such as one where hardly a pair differs, cannot raise a
    false alarm and so does not count (Tarone, 1990). Its p becomes 1.
    """
    counted = sorted((name for name in found if found[name].least <= LEVEL), key=lambda name: found[name].p)
    adjusted, highest = dict.fromkeys(found, 1.0), 0.0
    for rank, name in enumerate(counted):
        highest = max(highest, min(1.0, (len(counted) - rank) * found[name].p))
        adjusted[name] = highest
    return adjusted


@lru_cache(maxsize=8)
def _signs(count: int) -> Float:
    """(F, count) of -1 and 1."""
    if count <= EXACT_PAIRS:
        return np.array(list(product((-1.0, 1.0), repeat=count)))
    return np.random.default_rng(0).choice((-1.0, 1.0), size=(DRAWS, count))
