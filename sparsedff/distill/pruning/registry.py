"""The pruning rules by name. To add one: write its file and add its line here.

A rule is a function `rule(cloud, settings) -> mask`. It takes a FeatureCloud of N points and the PruningSettings. It
returns a boolean mask (N,), True for the points that stay.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sparsedff.common.registry import Entry, Registry

_HERE = "sparsedff.distill.pruning"

RULES: Registry[Callable[..., NDArray[np.bool_]]] = Registry(
    "pruning rule",
    Entry("vote_3D", f"{_HERE}.vote_3d:vote_3d", "keeps the share of points with most votes of other views"),
    Entry("vote_3D_published", f"{_HERE}.vote_3d_published:vote_3d_published", "vote_3D with the slips of the release"),
    Entry("binearest_match", f"{_HERE}.binearest_match:binearest_match", "keeps mutual nearest neighbours"),
    Entry("quotient_match", f"{_HERE}.quotient_match:quotient_match", "keeps points with a distinct nearest neighbour"),
    Entry("raw", f"{_HERE}.raw:raw", "keeps all points"),
)
