"""Visible surface discrepancy: how much of what is seen of an object the estimate puts elsewhere (Hodan et al., 2018).

Symbols: D distance images (H, W) [m], 0 = nothing; e, g, t of the estimate, the truth and the sensor; V what is seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparsedff.geometry import Float

DELTA_M = 0.015
"""A model's surface counts as seen where it is at most this far behind what the sensor saw [m]."""

Mask = NDArray[np.bool_]


def seen(model: Float, sensor: Float, delta_m: float = DELTA_M) -> Mask:
    """Where a model (H, W) [m] is seen in a sensor's image (H, W) [m]; a missing reading hides nothing."""
    return (model > 0) & ((sensor == 0) | (model - sensor <= delta_m))


def vsd(
    estimate: Float, truth: Float, sensor: Float, taus_m: Sequence[float] | Float, delta_m: float = DELTA_M
) -> Float:
    """The error (T,) in [0, 1] for each misalignment tolerance tau.

    1. V_g = where the truth is seen; V_e = where the estimate is seen, or lies over V_g.
    2. A pixel of both costs 1 where |D_e - D_g| >= tau, else 0; a pixel of one alone costs 1.
    3. The error is the mean over all pixels of V_g and V_e, 1 where there is none.

    Args:
        estimate, truth, sensor: D_e, D_g and D_t.
        taus_m: (T,) [m].
        delta_m: see `seen`.
    """
    truth_seen = seen(truth, sensor, delta_m)
    estimate_seen = seen(estimate, sensor, delta_m) | (truth_seen & (estimate > 0))
    both = truth_seen & estimate_seen
    every = int((truth_seen | estimate_seen).sum())
    if every == 0:
        return np.ones(len(taus_m))
    apart = np.abs(estimate[both] - truth[both])
    alone = every - int(both.sum())
    return np.array([(int((apart >= tau).sum()) + alone) / every for tau in taus_m])
