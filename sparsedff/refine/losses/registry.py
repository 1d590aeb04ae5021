"""The training losses by name. To add one: write its file and add its line here.

The file holds a `TrainingLoss`; see base.py.
"""

from __future__ import annotations

from typing import Any

from sparsedff.common.registry import Entry, Registry

_HERE = "sparsedff.refine.losses"

LOSSES: Registry[Any] = Registry(
    "training loss",
    Entry("field", f"{_HERE}.field:FIELD", "contrast of the distances that the field compares"),
    Entry("published", f"{_HERE}.published:PUBLISHED", "the paper's, from a random start"),
)
