"""`largest`: the thing that most was seen of."""

from __future__ import annotations

from collections.abc import Sequence

from sparsedff.distill.objects.choosers.base import Choice, Guide
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.objects.things import Thing


def largest(things: Sequence[Thing], guide: Guide, settings: ObjectSettings) -> Choice:
    """See `Chooser`."""
    return Choice(0, "the largest")
