"""Which estimates count as correct, and the average recall (AR) of the BOP challenge since 2019."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.geometry import Float

SHARES: Float = np.asarray(np.arange(1, 11) / 20, dtype=np.float64)
"""5 % to 50 %: thresholds of VSD, its tolerances tau and the thresholds of MSSD, the latter two of the diameter."""
PIXELS: Float = np.asarray(5 * np.arange(1, 11), dtype=np.float64)
"""Thresholds of MSPD [px] in an image 640 px wide; they grow with the width."""
USUAL_WIDTH_PX = 640
ADD_SHARE = 0.1
"""Threshold of ADD and ADD-S, of the diameter."""


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of E estimates of an object in an image, best score first, against its G true instances.

    Attributes:
        vsd: (E, G, 10), for each tau of SHARES.
        mssd, add: (E, G), of the diameter; `add` is ADD-S where the object is symmetric.
        mspd: (E, G) [px], in an image USUAL_WIDTH_PX wide.
    """

    vsd: Float
    mssd: Float
    mspd: Float
    add: Float


@dataclass(frozen=True, eq=False)
class Correct:
    """How many estimates are correct, of how many targets.

    Attributes:
        targets: instances that were asked for.
        vsd: (10, 10) for each tau and threshold.
        mssd, mspd: (10,) for each threshold.
        add: at ADD_SHARE.
    """

    targets: int
    vsd: NDArray[np.int64]
    mssd: NDArray[np.int64]
    mspd: NDArray[np.int64]
    add: int


@dataclass(frozen=True)
class Recalls:
    """Shares of the targets that were found, 0 to 1.

    Attributes:
        targets: how many there are.
        vsd, mssd, mspd: means over all thresholds, and for VSD over all tau.
        add: at ADD_SHARE.
    """

    targets: int
    vsd: float
    mssd: float
    mspd: float
    add: float

    @property
    def average(self) -> float:
        """AR: the mean of `vsd`, `mssd` and `mspd`."""
        return (self.vsd + self.mssd + self.mspd) / 3


def matched(errors: Float, threshold: float) -> int:
    """How many estimates find an instance of their own with an error below the threshold.

    Estimates choose in order of their score, each the instance of least error that is still free.

    Args:
        errors: (E, G), best score first.
        threshold: of the errors.
    """
    free = np.ones(errors.shape[1], dtype=bool)
    found = 0
    for row in errors:
        left = np.where(free, row, np.inf)
        if len(left) and left.min() < threshold:
            free[np.argmin(left)] = False
            found += 1
    return found


def correct(errors: Errors, targets: int) -> Correct:
    """Which of an object's estimates in an image are correct; `targets` instances were asked for."""

    def counts(values: Float, thresholds: Float) -> NDArray[np.int64]:
        return np.array([matched(values, threshold) for threshold in thresholds])

    return Correct(
        targets,
        np.stack([counts(errors.vsd[:, :, tau], SHARES) for tau in range(len(SHARES))]),
        counts(errors.mssd, SHARES),
        counts(errors.mspd, PIXELS),
        matched(errors.add, ADD_SHARE),
    )


def recalls(found: Iterable[Correct]) -> Recalls:
    """Recalls of all that was asked for; of nothing they are 0."""
    every = list(found)
    targets = sum(one.targets for one in every)
    if not targets:
        return Recalls(0, 0.0, 0.0, 0.0, 0.0)

    def share(counts: list[NDArray[np.int64]]) -> float:
        return float(np.sum(counts, axis=0).mean() / targets)

    vsd, mssd, mspd = (share([getattr(one, name) for one in every]) for name in ("vsd", "mssd", "mspd"))
    return Recalls(targets, vsd, mssd, mspd, sum(one.add for one in every) / targets)
