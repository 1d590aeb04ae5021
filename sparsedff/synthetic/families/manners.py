"""The manners of drawing a family's members.

Each is a function (mean parameters, random generator, variation in [0, 0.3]) to a member's parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sparsedff.common.registry import Entry, Registry

Manner = Callable[[Any, np.random.Generator, float], Any]

_HERE = "sparsedff.synthetic.families"
MANNERS: Registry[Manner] = Registry(
    "manner of drawing members",
    Entry("near", f"{_HERE}.parameters:vary", "near relatives: proportions within 1 +- variation"),
    Entry("wide", f"{_HERE}.wide:vary_widely", "other proportions, bent joints, missing or additional parts"),
)
