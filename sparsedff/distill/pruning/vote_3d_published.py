"""`vote_3D_published`: `vote_3D` as the paper's release has it, with the votes of lone points for point 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.pruning.neighbours import Mask, Points, Views, nearest_in_other_views
from sparsedff.distill.pruning.settings import PruningSettings
from sparsedff.distill.pruning.vote_3d import most_voted


def vote_3d_published(cloud: FeatureCloud, settings: PruningSettings) -> Mask:
    """The rule: as `vote_3d`, but a point without a neighbour within `dis_threshold` votes for point 0.

    Ties are cut in the order of the points; in the release they fall by chance. A cloud of a single view, for which the
    release has no rule, stays whole.
    """
    if len(np.unique(cloud.view_index)) < 2:
        return np.ones(len(cloud), dtype=np.bool_)
    return most_voted(published_ballots(cloud.points, cloud.view_index, settings.dis_threshold), settings.keep_fraction)


def published_ballots(points: Points, views: Views, threshold_m: float) -> NDArray[np.int64]:
    """Votes (N,) that each point gets, those of lone points included."""
    votes = np.zeros(len(points), dtype=np.int64)
    for distance, nearest in nearest_in_other_views(points, views):
        np.add.at(votes, np.where(distance <= threshold_m, nearest, 0), 1)
    return votes
