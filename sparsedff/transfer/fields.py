"""Feature clouds as feature fields, factored where that saves time."""

from __future__ import annotations

import torch

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.field import FeatureField, build_field
from sparsedff.hands.base import Hand
from sparsedff.transfer.rank import sufficient_rank
from sparsedff.transfer.settings import FieldSettings


def field_of(cloud: FeatureCloud, hand: Hand, settings: FieldSettings, workers: int = 1) -> FeatureField:
    """The cloud as a feature field on the hand's device, in its precision.

    Args:
        cloud, hand, settings: as they say.
        workers: threads that share its work on a CPU; accelerators need one.
    """
    points = torch.tensor(cloud.points, device=hand.device, dtype=hand.dtype)
    features = torch.tensor(cloud.features, device=hand.device, dtype=hand.dtype)
    rank = settings.rank or sufficient_rank(torch.from_numpy(cloud.features), settings.rank_error)
    return build_field(points, features, settings.power, rank, workers if hand.device.type == "cpu" else 1)
