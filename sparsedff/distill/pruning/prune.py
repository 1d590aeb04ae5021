"""Pruning drops points on which the views do not agree.

The published functions contain errors. Ours differ from them where a docstring says "Corrected".
"""

from __future__ import annotations

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.pruning.registry import RULES
from sparsedff.distill.pruning.settings import PruningSettings
from sparsedff.errors import DistillError


def prune(cloud: FeatureCloud, settings: PruningSettings) -> FeatureCloud:
    """The points of a cloud that the configured rule keeps, in their order.

    Args:
        cloud: N points of all views.
        settings: the rule's name and thresholds.

    Raises:
        DistillError: no point is left.
    """
    keep = RULES.load(settings.method)(cloud, settings)
    if not keep.any():
        raise DistillError(
            f"pruning by {settings.method} leaves no point; raise dis_threshold (now {settings.dis_threshold:g} m)"
        )
    return cloud.select(keep)
