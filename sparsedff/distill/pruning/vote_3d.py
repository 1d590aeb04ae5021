"""`vote_3D`: points vote for their nearest neighbour in other views, and the points with most votes stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.pruning.neighbours import Mask, Points, Views, nearest_in_other_views
from sparsedff.distill.pruning.settings import PruningSettings


def vote_3d(cloud: FeatureCloud, settings: PruningSettings) -> Mask:
    """The rule: `vote` with `dis_threshold` and `keep_fraction`."""
    return vote(cloud.points, cloud.view_index, settings.dis_threshold, settings.keep_fraction)


def vote(points: Points, views: Views, threshold_m: float, keep_fraction: float) -> Mask:
    """Mask (N,) of the share `keep_fraction` of points with most votes. Among points with equal votes the earlier stay.

    All points of a single view stay, because no other view can vote.
    """
    if len(np.unique(views)) < 2:
        return np.ones(len(points), dtype=np.bool_)
    return most_voted(ballots(points, views, threshold_m), keep_fraction)


def most_voted(votes: NDArray[np.int64], keep_fraction: float) -> Mask:
    """Mask (N,) of the share `keep_fraction` with most votes (N,); among equals the earlier stay."""
    order = np.argsort(-votes, kind="stable")
    keep = np.zeros(len(votes), dtype=np.bool_)
    keep[order[: max(1, int(keep_fraction * len(votes)))]] = True
    return keep


def ballots(points: Points, views: Views, threshold_m: float) -> NDArray[np.int64]:
    """Votes (N,) that each point gets. Every point votes for the nearest point of any other view within `threshold_m`.

    Corrected: a point without such a neighbour does not vote. In the published function it votes for point 0.
    """
    votes = np.zeros(len(points), dtype=np.int64)
    for distance, nearest in nearest_in_other_views(points, views):
        np.add.at(votes, nearest[distance <= threshold_m], 1)
    return votes
