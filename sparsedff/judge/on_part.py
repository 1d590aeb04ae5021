"""Which share of a hand's contacts lies on the parts of the object that were demonstrated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.synthetic.shapes.objects import ProceduralObject

Float = NDArray[np.float64]


def share_on_part(shape: ProceduralObject, shown: Float, touching: Float) -> float:
    """Share of contacts that lie where the demonstrated ones do, part by part.

    sum over parts k of min(a_k, b_k), where a_k and b_k are the shares of the demonstrated and of the found contacts
    that lie on part k. It is 1 for the demonstrated grasp, though a hand around a mug's handle touches the body too,
    and 0 for a hand that holds other parts only.

    Args:
        shape: the test object.
        shown: (N, 3) [m] where the truth maps the demonstrated contacts, in the object frame.
        touching: (M, 3) [m] hand points that touch the object, in the object frame.

    Returns:
        0 if nothing touches; NaN if the object has one part only.
    """
    if len(shape.parts) == 1:
        return float("nan")
    if not len(touching):
        return 0.0
    return float(np.minimum(_shares(shape, shown), _shares(shape, touching)).sum())


def _shares(shape: ProceduralObject, points: Float) -> Float:
    """(P,) share of points on each part."""
    nearest = np.argmin(shape.part_distances(points), axis=1)
    return np.bincount(nearest, minlength=len(shape.parts)) / len(points)
