"""Things: what stands apart in the workspace, found in the points of all views together.

1. The masked pixels of all views become points, and these fill cubes of 5 mm.
2. Cubes nearer to each other than `gap_m` are connected; a connected component is a piece.
3. Pieces near each other are joined where no camera sees through the gap between them (`gaps.py`).
4. Small pieces are specks and go with the thing beside them; what lies low and flat is left over.

Things that touch each other are one thing: distance alone does not tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from sparsedff.distill.distil import SegmentedView
from sparsedff.distill.objects.gaps import is_hidden
from sparsedff.distill.objects.settings import ObjectSettings
from sparsedff.distill.segmentation.base import world_points

CELL_M = 0.005
NOTHING = -1

Float = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Thing:
    """One thing that stands in the workspace.

    Attributes:
        points: (N, 3) [m] a point for each cube of 5 mm that it fills, world frame.
        colors: (K, 3) uint8 RGB of its pixels in all views.
    """

    points: Float
    colors: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Things:
    """The things in a scene and which pixels show them.

    Attributes:
        each: the things, the largest first; at least one.
        labels: for each view, (P,) the thing that each pixel of its mask shows, in `np.nonzero` order; NOTHING where
            it shows what is left over.
        left_over: number of pieces that belong to no thing.
    """

    each: tuple[Thing, ...]
    labels: tuple[Labels, ...]
    left_over: int


def find_things(views: Sequence[SegmentedView], settings: ObjectSettings) -> Things:
    """Take a scene apart.

    Args:
        views: at least one, with masks that are not empty.
        settings: what is near, small, flat and low.
    """
    points, colors = _masked(views)
    cells, cell_of_point = _cells(points)
    piece_of_cell = _components(len(cells), cKDTree(cells).query_pairs(settings.gap_m, output_type="ndarray"))
    pieces = [cells[piece_of_cell == index] for index in range(piece_of_cell.max() + 1)]
    thing_of_piece = _things_of(pieces, views, settings)
    thing_of_point = thing_of_piece[piece_of_cell[cell_of_point]]
    thing_of_cell = thing_of_piece[piece_of_cell]
    each = tuple(
        Thing(cells[thing_of_cell == index], colors[thing_of_point == index])
        for index in range(thing_of_piece.max() + 1)
    )
    ends = np.cumsum([int(seen.mask.sum()) for seen in views])[:-1]
    return Things(each, tuple(np.split(thing_of_point, ends)), int((thing_of_piece == NOTHING).sum()))


def one_thing(views: Sequence[SegmentedView]) -> Thing:
    """All that the masks of views show, as one thing."""
    points, colors = _masked(views)
    return Thing(_cells(points)[0], colors)


def _masked(views: Sequence[SegmentedView]) -> tuple[Float, NDArray[np.uint8]]:
    """World points (P, 3) [m] and colours (P, 3) of the masked pixels of all views."""
    points = np.concatenate([world_points(seen.view)[seen.mask] for seen in views])
    return points, np.concatenate([seen.view.color_rgb[seen.mask] for seen in views])


def _things_of(pieces: Sequence[Float], views: Sequence[SegmentedView], settings: ObjectSettings) -> Labels:
    """The thing (P,) of each piece, the largest thing first; NOTHING for what is left over."""
    stands = np.array([len(piece) >= settings.min_cells and not _is_flat(piece, settings) for piece in pieces])
    if not stands.any():  # a flat object, or one that is hardly seen, is still the object
        stands = np.array([len(piece) >= settings.min_cells for piece in pieces])
    if not stands.any():
        stands[:] = True
    bodies: list[int] = np.flatnonzero(stands).tolist()
    trees = [cKDTree(pieces[body]) for body in bodies]
    joined = _components(len(bodies), _hidden_pairs([pieces[body] for body in bodies], trees, views, settings))
    sizes = np.bincount(joined, weights=[len(pieces[body]) for body in bodies])
    rank = np.argsort(np.argsort(-sizes, kind="stable"))
    thing = np.full(len(pieces), NOTHING, dtype=np.int64)
    thing[bodies] = rank[joined]
    for index in np.flatnonzero(~stands).tolist():
        if len(pieces[index]) >= settings.min_cells:  # flat and low
            continue
        away = np.array([tree.query(pieces[index])[0].min() for tree in trees])
        # Beside a lone object every speck stays: what was segmented is the object, stray pixels and all.
        if away.min() <= settings.hidden_gap_m or len(sizes) == 1:
            thing[index] = thing[bodies[away.argmin()]]
    return thing


def _is_flat(piece: Float, settings: ObjectSettings) -> bool:
    """Whether a piece is a sheet just above the table, such as a magazine that is not quite where the table is."""
    return bool(np.ptp(piece[:, 2]) < settings.flat_m and piece[:, 2].max() < settings.low_m)


def _hidden_pairs(
    pieces: Sequence[Float], trees: Sequence[cKDTree], views: Sequence[SegmentedView], settings: ObjectSettings
) -> Labels:
    """(E, 2) pairs of pieces that are near each other with a gap between them that no camera sees through."""
    pairs = []
    for first in range(len(pieces)):
        for second in range(first + 1, len(pieces)):
            distance, nearest = trees[second].query(pieces[first], distance_upper_bound=settings.hidden_gap_m)
            here = int(distance.argmin())
            if np.isfinite(distance[here]) and is_hidden(views, pieces[first][here], pieces[second][nearest[here]]):
                pairs.append((first, second))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _cells(points: Float) -> tuple[Float, Labels]:
    """The mean point (M, 3) [m] in every cube that points (N, 3) fill, and the cube (N,) of each point."""
    _, cell_of_point, count = np.unique(
        np.floor(points / CELL_M).astype(np.int64), axis=0, return_inverse=True, return_counts=True
    )
    cell_of_point = cell_of_point.ravel()
    sums = [np.bincount(cell_of_point, weights=points[:, axis]) for axis in range(3)]
    return np.stack(sums, axis=1) / count[:, None], cell_of_point


def _components(count: int, pairs: Labels) -> Labels:
    """The connected component (count,) of each node of a graph with edges `pairs` (E, 2)."""
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
