"""Where Segment Anything is pointed: pixels whose 3D points lie where an object, its foot or bare table must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.distill.settings import SamSettings
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
        reach_m: how far from the object, seen from above, they may lie [m]; None = anywhere.
    """

    name: str
    abs_x: Range
    abs_y: Range
    z: Range
    count: int
    positive: bool
    required: bool = False
    reach_m: float | None = None

    def candidates(self, points: NDArray[np.floating]) -> NDArray[np.bool_]:
        """(H, W) True where points (H, W, 3) [m] lie inside."""
        x, y, z = np.abs(points[..., 0]), np.abs(points[..., 1]), points[..., 2]
        pairs = ((x, self.abs_x), (y, self.abs_y), (z, self.z))
        return np.logical_and.reduce([(low <= value) & (value < high) for value, (low, high) in pairs])

    def __str__(self) -> str:
        x, y, z = ("{:g} to {:g} m".format(*span) for span in (self.abs_x, self.abs_y, self.z))
        return f"{self.name} (|x| {x}, |y| {y}, z {z})"


def prompt_groups(settings: SamSettings) -> tuple[PromptGroup, ...]:
    """The regions of the settings: on the object, on its foot, on bare table at the far edge."""
    s, near = settings, (0.0, settings.object_radius_m)
    return (
        PromptGroup("object", near, near, s.upper_z_m, s.upper_points, positive=True, required=True),
        PromptGroup("foot of the object", near, near, s.lower_z_m, s.lower_points, True, reach_m=s.lower_reach_m),
        PromptGroup("table edge", (0.0, s.edge_abs_x_m), s.edge_abs_y_m, s.edge_z_m, s.edge_points, positive=False),
    )


def find_prompts(
    points: NDArray[np.floating],
    valid: NDArray[np.bool_],
    groups: Sequence[PromptGroup],
    min_candidates: int,
    view: str,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Prompt pixels (N, 2) (u, v) and their labels (N,), 1 = object, 0 = not.

    Two things are stricter than published, because one positive pixel on the table makes the table the object. Of the
    required group only the connected part that rises most counts; others are clutter or noise. And the foot is sought
    within a reach of it: depth noise lifts pixels of bare table to the height of a foot all over the table.

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
    objects = np.zeros_like(valid)
    for group in groups:
        region = valid & group.candidates(points)
        if group.required:
            region = rising_part(region, points[..., 2] - group.z[0])
            objects |= region
        if group.reach_m is not None:
            region &= _within(points, region, objects, group.reach_m)
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


def rising_part(region: NDArray[np.bool_], height: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Of a region's 8-connected parts (H, W) the one with the greatest sum of heights (H, W) [m].

    Not the largest: a sheet of lifted table may cover more pixels than a mug.
    """
    count, label = cv2.connectedComponents(region.astype(np.uint8), connectivity=8)
    if count <= 2:
        return region
    rise = np.bincount(label[region], weights=height[region], minlength=count)
    return np.asarray(label == int(np.argmax(rise)))


def _within(
    points: NDArray[np.floating], region: NDArray[np.bool_], objects: NDArray[np.bool_], reach_m: float
) -> NDArray[np.bool_]:
    """(H, W) the region's pixels whose points lie within `reach_m` of the objects' points, seen from above."""
    near = np.zeros_like(region)
    if objects.any():
        distance, _ = cKDTree(points[objects][:, :2]).query(points[region][:, :2], distance_upper_bound=reach_m)
        near[region] = np.isfinite(distance)
    return near


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
