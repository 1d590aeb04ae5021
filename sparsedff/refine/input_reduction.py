"""InputReduction: how a raw feature cloud enters the refinement network.

The network stands between reduction and pruning. Features of a vision transformer enter unchanged, as the authors'
checkpoint expects. Features of the handcrafted and of the learned backbone enter reduced. The reduction is learned from
the training scene and stored with the network, and a transfer applies the same reduction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.backbones.handcrafted.backbone import HandcraftedBackbone, HandcraftedReduction, reduction_of
from sparsedff.distill.backbones.learned.backbone import LearnedBackbone, LearnedReduction
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.errors import DistillError

REDUCED = (HandcraftedBackbone, LearnedBackbone)
"""Backbones whose raw features mean nothing before they are reduced."""


@dataclass(frozen=True, eq=False)
class InputReduction:
    """What is applied to a raw cloud before the network.

    Attributes:
        reduction: of the handcrafted or the learned backbone; None leaves the cloud unchanged.
    """

    reduction: HandcraftedReduction | LearnedReduction | None

    def __call__(self, cloud: FeatureCloud) -> FeatureCloud:
        """The cloud whose features enter the network."""
        return cloud if self.reduction is None else self.reduction(cloud)

    def arrays(self) -> dict[str, NDArray]:
        """What the reduction learned, as named arrays for a file; empty where nothing is reduced."""
        return {} if self.reduction is None else self.reduction.arrays()

    def sha256(self) -> str | None:
        """SHA-256 (hex) of `arrays`; None where nothing is reduced."""
        return arrays_sha256(self.arrays()) if self.reduction is not None else None


def learn_input_reduction(backbone: Backbone, reference: FeatureCloud) -> InputReduction:
    """The input reduction of a backbone, learned from one raw cloud."""
    return InputReduction(backbone.fit(reference) if isinstance(backbone, REDUCED) else None)


def stored_input_reduction(backbone: Backbone, arrays: Mapping[str, NDArray]) -> InputReduction:
    """The input reduction whose arrays were stored.

    Raises:
        DistillError: the arrays are damaged, or there are none although the backbone needs them.
    """
    if not isinstance(backbone, REDUCED):
        return InputReduction(None)
    if not arrays:
        raise DistillError(
            "refinement: the embedded backbone's reduction is missing; keep the .reduction.npz beside the .pth file"
        )
    if isinstance(backbone, LearnedBackbone):
        return InputReduction(backbone.stored(arrays))
    return InputReduction(reduction_of(backbone, arrays))


def arrays_sha256(arrays: Mapping[str, NDArray]) -> str:
    """SHA-256 (hex) of named arrays: names, types, shapes, contents."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
