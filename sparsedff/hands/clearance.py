"""How far a hand keeps from object and table all along its way to a grasp, by its collision geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose

_AT_GRASP_M = 1e-3  # from here on the palm has arrived, and what follows is closing
_TOUCH_M = 1e-3  # less than this is the sensors' noise


@dataclass(frozen=True)
class Clearance:
    """Least distances along a way [m]; negative where the hand lies in something.

    Attributes:
        approach_m: to the object, until the palm has arrived.
        closing_m: to the object, from then on: the fingers are to touch it, and so about 0 is right.
        table_m: to the table, all along.
    """

    approach_m: float
    closing_m: float
    table_m: float

    @property
    def fault(self) -> str:
        """What the hand touches on its way, in words; empty if nothing."""
        found = [
            f"{1000 * -value:.0f} mm into {what}"
            for what, value in (("the object", self.approach_m), ("the table", self.table_m))
            if value < -_TOUCH_M
        ]
        return " and ".join(found)


def clearance(hand: Hand, path: Sequence[HandPose], points: NDArray[np.floating], chunk: int = 16) -> Clearance:
    """Measure a way.

    Args:
        hand: its collision primitives are what counts.
        path: poses close to each other, the grasp last.
        points: (N, 3) [m] seen of the object and of what stands beside it; the table is z = 0.
        chunk: poses measured at once.
    """
    seen = torch.tensor(np.asarray(points), dtype=hand.dtype, device=hand.device)
    objects, tables = [], []
    with torch.no_grad():
        for begin in range(0, len(path), chunk):
            tensors = [hand.pose_tensors(pose) for pose in path[begin : begin + chunk]]
            links = hand.world_from_links(*(torch.cat(parts) for parts in zip(*tensors, strict=True)))
            objects += hand.distance(links, seen).amin(dim=1).tolist()
            tables += hand.surface(links)[..., 2].amin(dim=1).tolist()
    away = [float(np.linalg.norm(pose.translation - path[-1].translation)) for pose in path]
    arrived = next(index for index, distance in enumerate(away) if max(away[index:]) <= _AT_GRASP_M)
    return Clearance(min(objects[: arrived + 1]), min(objects[arrived:]), min(tables))
