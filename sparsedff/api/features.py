"""Feature clouds and fields of captures."""

from __future__ import annotations

from sparsedff.api.settings import Settings, as_config
from sparsedff.capture.model import Capture
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.objects.choosers.base import NO_GUIDE
from sparsedff.field import FeatureField
from sparsedff.hands.pose import HandPose
from sparsedff.prepare.demonstration import guide_of
from sparsedff.prepare.distiller import REFERENCE, TEST, guided_by, make_distiller
from sparsedff.prepare.inputs import make_hand
from sparsedff.transfer.fields import field_of


def distil(
    capture: Capture, pose: HandPose | None = None, reference: Capture | None = None, settings: Settings = None
) -> FeatureCloud:
    """The feature cloud of the object that a capture shows: segmented, lifted, reduced and pruned.

    Args:
        capture: what the cameras saw.
        pose: a hand that holds the object, which says which of several things it is.
        reference: features are reduced as the backbone learns on this capture, and the object is the one most like its
            own; None = the capture is its own reference. Features of two clouds can be compared where both were
            distilled with the same reference.
        settings: models, workspace, pruning.

    Raises:
        DistillError, WeightsError, ConfigError: no object is found, or a model cannot be used.
    """
    config = as_config(settings)
    distiller = make_distiller(config)
    guide = NO_GUIDE if pose is None else guide_of(config, pose)
    first = distiller.distil(reference or capture, REFERENCE, guide)
    if reference is None:
        return distiller.features((first.cloud, first.cloud))[REFERENCE]
    return distiller.features((first.cloud, distiller.distil(capture, TEST, guided_by(first)).cloud))[TEST]


def make_field(cloud: FeatureCloud, settings: Settings = None) -> FeatureField:
    """The feature field of a cloud, which can be asked anywhere in space: `field.values(points)`.

    Args:
        cloud: from `distil`, or of your own.
        settings: device and section `field`.
    """
    config = as_config(settings)
    return field_of(cloud, make_hand(config), config.field)
