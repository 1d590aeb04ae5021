"""How far apart a cloud's features are, in the field's own measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TYPICAL_L1 = 1.3
"""Mean absolute difference of two random reference points per channel in the field. That of the embedded backbone: the
weights of the other energy terms were chosen beside features of this size."""


def typical_l1(features: NDArray[np.floating]) -> float:
    """Mean absolute difference per channel of random pairs of features (N, C)."""
    first, second = np.random.default_rng(0).integers(len(features), size=(2, 5000))
    return float(np.abs(features[first] - features[second]).mean())
