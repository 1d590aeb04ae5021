"""The rules there are. One is a function (things, guide, settings) -> choice; see `Chooser` in base.py."""

from __future__ import annotations

from sparsedff.common.registry import Entry, Registry

_HERE = "sparsedff.distill.objects.choosers"

CHOOSERS: Registry = Registry(
    "choice of the object",
    Entry("largest", f"{_HERE}.largest:largest", "the largest thing"),
    Entry("nearest", f"{_HERE}.nearest:nearest", "the thing nearest to object.point"),
    Entry("hand", f"{_HERE}.hand:held", "the thing that the demonstrated hand holds"),
    Entry("likeness", f"{_HERE}.likeness:most_alike", "the thing that is most like the reference object"),
)
