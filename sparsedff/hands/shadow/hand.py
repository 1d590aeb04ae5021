"""The Shadow Hand, the paper's: the end effector that files without a word about it mean."""

from __future__ import annotations

import torch

from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.registry import SHADOW_HAND, end_effector
from sparsedff.hands.settings import HandSettings
from sparsedff.hands.shadow.joints import SHADOW_JOINTS


class ShadowHand(ModelHand):
    """A `ModelHand` of the 22-joint Shadow Hand; arguments as there."""

    layout = SHADOW_JOINTS

    def __init__(
        self,
        settings: HandSettings | None = None,
        seed: int = 0,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(end_effector(SHADOW_HAND), settings, seed, device, dtype)
