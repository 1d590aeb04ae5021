"""The demonstration as the acting hand would have shown it: its own, or another hand's carried over by roles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sparsedff.config.config import Config
from sparsedff.distill.objects.choosers.base import Guide
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.pose import HandPose
from sparsedff.hands.retarget import retargeted
from sparsedff.prepare.inputs import make_hand


def shown_hand(config: Config) -> ModelHand:
    """The hand of the demonstrated pose.

    Raises:
        ConfigError, HandError: as `make_hand`.
    """
    return make_hand(config, config.demonstrated_with)


def guide_of(config: Config, pose: HandPose) -> Guide:
    """What says which of several things is the object: the hand as it was shown."""
    return Guide(hand=shown_hand(config).surface_of(pose))


def acting_demonstration(config: Config, pose: HandPose, points: NDArray[np.floating]) -> HandPose:
    """The demonstrated pose for the hand that acts.

    Args:
        config: names both hands.
        pose: as it was shown.
        points: (N, 3) [m] of the reference object.
    """
    if config.demonstrated_with in (None, config.effector):
        return pose
    return retargeted(shown_hand(config), pose, make_hand(config), np.asarray(points, dtype=np.float64))[0]
