"""What a rule gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.objects.things import Thing


@dataclass(frozen=True, eq=False)
class Guide:
    """What is known of the object before it is found.

    Attributes:
        hand: (N, 3) [m] surface points of the hand that holds it, in the same world; None = no hand is known.
        like: the reference object; None = no reference is known.
    """

    hand: NDArray[np.float64] | None = None
    like: Thing | None = None


NO_GUIDE = Guide()


@dataclass(frozen=True)
class Choice:
    """Which thing is the object.

    Attributes:
        index: among the things.
        reason: why, to end the sentence "taken is ...".
    """

    index: int
    reason: str


Chooser = Callable[[Sequence[Thing], Guide, ObjectSettings], Choice]
"""Chooses among at least two things, the largest first."""
