"""Where Segment Anything is pointed: pixels whose 3D points lie where an object, its foot or bare table must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import DistillError

Range = tuple[float, float]


@dataclass(frozen=True)
class PromptGroup:
    """A region of the world in which prompt pixels are sought.

    Attributes:
        name: for messages.
        abs_x, abs_y: [min, max] of |x| and |y| [m] in the table's frame.
        z: [min, max] of the height [m].
        count: pixels wanted.
        positive: whether they show the object.
        required: whether a view without them is an error; others are used where they are seen.
    """

    name: str
    abs_x: Range
    abs_y: Range
    z: Range
    count: int
    positive: bool
    required: bool = False

    def candidates(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(H, W) True where points (H, W, 3) [m] lie inside."""
        x, y, z = np.abs(points[..., 0]), np.abs(points[..., 1]), points[..., 2]
        pairs = ((x, self.abs_x), (y, self.abs_y), (z, self.z))
        return np.logical_and.reduce([(low <= value) & (value < high) for value, (low, high) in pairs])

    def __str__(self) -> str:
        x, y, z = ("{:g} to {:g} m".format(*span) for span in (self.abs_x, self.abs_y, self.z))
        return f"{self.name} (|x| {x}, |y| {y}, z {z})"


def find_prompts(
    points: NDArray[np.floating],
    valid: NDArray[np.bool_],
    groups: Sequence[PromptGroup],
    min_candidates: int,
    view: str,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Prompt pixels (N, 2) (u, v) and their labels (N,), 1 = object, 0 = not.

    Args:
        points: (H, W, 3) [m] in the table's frame.
        valid: (H, W) where they mean anything.
        groups: what is looked for.
        min_candidates: a region with fewer pixels is taken for noise.
        view: its serial, for errors.

    Raises:
        DistillError: a required group has too few pixels; names view, group and what was found.
    """
    pixels, labels = [], []
    for group in groups:
        region = valid & group.candidates(points)
        found = int(region.sum())
        needed = max(min_candidates, group.count)
        if found < needed:
            if group.required:
                raise DistillError(
                    f"view {view}: {found} pixels of {group}, at least {needed} are needed to "
                    "prompt SAM; move the object there, set the ranges in section sam, or use img_preprocess=physics"
                )
            continue
        chosen = spread_inside(region, group.count)
        pixels.append(chosen)
        labels.append(np.full(len(chosen), int(group.positive)))
    return np.concatenate(pixels), np.concatenate(labels)


def spread_inside(region: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """Up to `count` pixels (N, 2) (u, v) deep inside a region (H, W) and apart from each other; always the same ones.

    The published code draws pixels at random, which now and then takes one on the border, where depth and colour
    disagree. The first pixel here is the one farthest from the region's border; each further one is, among pixels at
    least half as deep, the one farthest from those chosen.
    """
    if count == 0:
        return np.zeros((0, 2), dtype=np.int64)
    padded = np.pad(region, 1).astype(np.uint8)  # the image's edge is a border as well
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    rows, columns = np.nonzero(depth >= 0.5 * depth.max())
    deep = np.stack([columns, rows], axis=1)
    chosen = [int(np.argmax(depth[rows, columns]))]
    distance = np.full(len(deep), np.inf)
    while len(chosen) < min(count, len(deep)):
        distance = np.minimum(distance, np.linalg.norm(deep - deep[chosen[-1]], axis=1))
        chosen.append(int(np.argmax(distance)))
    return deep[chosen]


def extremes(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The top, bottom, left and right pixel (4, 2) (u, v) of a mask (H, W) that is not empty.

    Where several are equally far out, the middle one.
    """
    rows, columns = np.nonzero(mask)
    result = []
    for axis in (rows, columns):
        for end in (axis.min(), axis.max()):
            at_end = np.flatnonzero(axis == end)
            middle = at_end[len(at_end) // 2]
            result.append((columns[middle], rows[middle]))
    return np.array(result, dtype=np.int64)
