"""`hand`: the thing that the demonstrated hand holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from sparsedff.distill.objects.choosers.base import Choice, Guide
from sparsedff.distill.objects.choosers.largest import largest
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.objects.things import Thing

CONTACT_SHARE = 0.1
"""Share of the hand's points that count as its contacts: those nearest to a thing."""


def held(things: Sequence[Thing], guide: Guide, settings: ObjectSettings) -> Choice:
    """The thing to which the hand's contacts are nearest on average; the largest where no hand is known."""
    if guide.hand is None:
        return Choice(largest(things, guide, settings).index, "the largest, for no hand is known that holds one")
    count = max(1, int(CONTACT_SHARE * len(guide.hand)))
    away = [float(np.sort(cKDTree(thing.points).query(guide.hand)[0])[:count].mean()) for thing in things]
    index = int(np.argmin(away))
    return Choice(index, f"the one that the hand holds (its contacts are {1000 * away[index]:.0f} mm off)")
