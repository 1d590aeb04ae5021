"""`nearest`: the thing that stands nearest to a point of the table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsedff.distill.objects.choosers.base import Choice, Guide
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.objects.things import Thing


def nearest(things: Sequence[Thing], guide: Guide, settings: ObjectSettings) -> Choice:
    """See `Chooser`."""
    away = [np.linalg.norm(thing.points[:, :2] - settings.point, axis=1).min() for thing in things]
    x, y = settings.point
    return Choice(int(np.argmin(away)), f"the nearest to object.point ({x:g}, {y:g})")
