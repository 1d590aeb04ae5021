"""`likeness`: the thing that is most like the reference object in size and tint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.objects.choosers.base import Choice, Guide
from sparsedff.distill.objects.choosers.largest import largest
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.objects.things import Thing

TINT_WEIGHT = 0.01
"""Share of size that a unit of Lab tint counts for. Small: relatives differ in colour, and light changes it."""
_QUANTILES = np.linspace(0.05, 0.95, 19)

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Appearance:
    """What of a thing does not change when it is moved and turned on the table.

    Attributes:
        sizes: (3,) [m] length and width of its footprint, height of its top.
        tints: (2, 19) quantiles of the a and b of its Lab colours.
    """

    sizes: Float
    tints: Float


def most_alike(things: Sequence[Thing], guide: Guide, settings: ObjectSettings) -> Choice:
    """The thing with the least `difference` to the reference object; the largest where no reference is known."""
    if guide.like is None:
        return Choice(largest(things, guide, settings).index, "the largest, for no reference is known")
    wanted = appearance(guide.like)
    differences = [difference(wanted, appearance(thing)) for thing in things]
    index = int(np.argmin(differences))
    least, next_least = sorted(differences)[:2]
    return Choice(index, f"the most like data1's object (differs by {least:.2f}, the next by {next_least:.2f})")


def appearance(thing: Thing) -> Appearance:
    """Sizes without the outermost hundredth of the points, which noise decides."""
    ground = thing.points[:, :2] - thing.points[:, :2].mean(axis=0)
    axes = np.linalg.svd(ground.T @ ground)[0]
    low, high = np.quantile(ground @ axes, [0.01, 0.99], axis=0)
    sizes = np.array([*(high - low), np.quantile(thing.points[:, 2], 0.99)])
    lab = cv2.cvtColor(np.array(thing.colors)[None], cv2.COLOR_RGB2LAB)[0].astype(np.float64)
    return Appearance(np.maximum(sizes, 1e-3), np.quantile(lab[:, 1:], _QUANTILES, axis=0).T)


def difference(one: Appearance, other: Appearance) -> float:
    """Mean |log ratio| of the sizes plus the weighted difference of tints; 0.1 is about a tenth in size."""
    sizes = float(np.abs(np.log(one.sizes / other.sizes)).mean())
    return sizes + TINT_WEIGHT * float(np.abs(one.tints - other.tints).mean())
