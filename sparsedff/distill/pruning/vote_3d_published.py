"""`vote_3D_published`: `vote_3D` as the paper's release has it, with the votes of lone points for point 0."""

from __future__ import annotations

import numpy as np

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.pruning.neighbours import Mask, nearest_in_other_views
from sparsedff.distill.pruning.settings import PruningSettings
from sparsedff.distill.pruning.vote_3d import most_voted


def vote_3d_published(cloud: FeatureCloud, settings: PruningSettings) -> Mask:
    """The rule: as `vote_3d`, but a point without a neighbour within `dis_threshold` votes for point 0.

    Ties are cut in the order of the points; in the release they fall by chance.
    """
    votes = np.zeros(len(cloud), dtype=np.int64)
    for distance, nearest in nearest_in_other_views(cloud.points, cloud.view_index):
        np.add.at(votes, np.where(distance <= settings.dis_threshold, nearest, 0), 1)
    return most_voted(votes, settings.keep_fraction)
