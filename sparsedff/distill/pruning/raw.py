"""`raw`: the rule that keeps every point."""

from __future__ import annotations

import numpy as np

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.pruning.neighbours import Mask
from sparsedff.distill.pruning.settings import PruningSettings


def raw(cloud: FeatureCloud, settings: PruningSettings) -> Mask:
    """True (N,) for every point."""
    return np.ones(len(cloud), dtype=np.bool_)
