"""Which share of a hand's contacts lies on the part of the object that was demonstrated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sparsedff.synthetic.grasping.task import GraspTask
from sparsedff.synthetic.shapes.objects import ProceduralObject
from sparsedff.synthetic.shapes.region import Region

Float = NDArray[np.float64]


def share_on_part(shape: ProceduralObject, task: GraspTask, touching: Float) -> float:
    """Share of contacts on the parts that the task is to hold; palm and inner links may touch others.

    Args:
        shape: the test object.
        task: what is to be held of it.
        touching: (N, 3) [m] hand points that touch the object, in the object frame.

    Returns:
        0 if nothing touches; NaN if the object has no part but those of the task.
    """
    wanted = {*_parts(task.fingers_on), *_parts(task.thumb_on or task.fingers_on)}
    on_part = np.array([part.name in wanted for part in shape.parts])
    if on_part.all():
        return float("nan")
    return float(on_part[np.argmin(shape.part_distances(touching), axis=1)].mean()) if len(touching) else 0.0


def _parts(region: Region) -> Iterator[str]:
    yield from region.parts
    for more in region.also:
        yield from _parts(more)
