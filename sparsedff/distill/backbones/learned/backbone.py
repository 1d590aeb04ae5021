"""`learned` and `learned_only`: learned coordinates of the object's points, with and without the embedded descriptors.

What it is: a small network, trained on procedural families whose correspondence is known, says which part of which kind
of thing a point is, by the shape around it (CARD.md beside this file). The embedded descriptors add appearance, which
tells two ends of one thing apart that have the same shape. What it is not: a foundation model. It knows the families it
was trained on and their like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sparsedff.distill.backbones.base import ObjectView
from sparsedff.distill.backbones.handcrafted.backbone import HandcraftedBackbone, HandcraftedReduction, reduction_of
from sparsedff.distill.backbones.learned.describe import describe, describe_some
from sparsedff.distill.backbones.learned.normals import normal_map
from sparsedff.distill.backbones.learned.stance import Known, upright_from_world
from sparsedff.distill.backbones.learned.weights import FILE, load_network, weights_sha256
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.distill.settings import FeatureSettings
from sparsedff.distill.spread import TYPICAL_L1, typical_l1
from sparsedff.errors import DistillError
from sparsedff.geometry import apply

NORMAL = 3
"""Channels of the raw features' last part, the normals; before them stand the embedded backbone's."""
KNOWN_POINTS = 1000
"""Points of the reference that the search for another scene's stance compares with."""
STANCE_POINTS = 150
"""Points of the other scene that it looks at in each stance."""
_SCALES, _KNOWN = "learned_scales", "learned_known"


@dataclass(frozen=True)
class LearnedBackbone:
    """See the module.

    Attributes:
        name: as in the config.
        share: of the learned coordinates in the L1 distance of two random points of the reference; the rest is the
            embedded descriptors'. 1 leaves these out.
        handcrafted: the embedded descriptors.
        weights: file of the network.
    """

    name: str = "learned"
    share: float = 2 / 3
    handcrafted: HandcraftedBackbone = field(default_factory=HandcraftedBackbone)
    weights: Path = FILE

    def identity(self) -> dict[str, object]:
        """Everything that decides the features, for caches and reports."""
        return {
            "name": self.name,
            "weights_sha256": weights_sha256(self.weights),
            "share": self.share,
            **{f"embedded_{name}": value for name, value in asdict(self.handcrafted).items()},
        }

    def extract(self, views: Sequence[ObjectView]) -> list[NDArray[np.float32]]:
        """The embedded descriptors' maps and the normals (rows, columns, C + 3); the coordinates come with `fit`."""
        maps = self.handcrafted.extract(views)
        return [np.concatenate([one, normal_map(view)], axis=-1) for one, view in zip(maps, views, strict=True)]

    def fit(self, reference: FeatureCloud) -> LearnedReduction:
        """Scale coordinates and descriptors on the reference; the result maps raw clouds to the field's features."""
        embedded = self.handcrafted.fit(_embedded(reference)) if self.share < 1 else None
        parts = _parts(self, embedded, reference)
        channels = sum(part.shape[1] for part in parts)
        scales = []
        for part, share in zip(parts, (self.share, 1 - self.share), strict=False):
            typical = typical_l1(part)
            # The energy takes the mean over all channels: a part's own mean counts by its share of them.
            scales.append(share * TYPICAL_L1 * channels / part.shape[1] / typical if typical > 0 else 0.0)
        every = np.unique(np.linspace(0, len(reference) - 1, KNOWN_POINTS).astype(np.int64))
        return LearnedReduction(self, embedded, (scales[0], scales[-1]), parts[0][every])

    def stored(self, arrays: Mapping[str, NDArray]) -> LearnedReduction:
        """The reduction of which `LearnedReduction.arrays` were stored.

        Raises:
            DistillError: arrays are missing or do not fit together.
        """
        rest = {name: array for name, array in arrays.items() if name not in (_SCALES, _KNOWN)}
        if not {_SCALES, _KNOWN} <= set(arrays) or (np.shape(arrays[_SCALES]), np.ndim(arrays[_KNOWN])) != ((2,), 2):
            raise DistillError("reduction: it is not of the learned backbone; make the file anew")
        embedded = reduction_of(self.handcrafted, rest) if self.share < 1 else None
        first, second = np.asarray(arrays[_SCALES], dtype=np.float64).tolist()
        return LearnedReduction(self, embedded, (first, second), np.asarray(arrays[_KNOWN], dtype=np.float32))


@dataclass(frozen=True, eq=False)
class LearnedReduction:
    """What a reference scene taught the backbone: how raw clouds become the field's features.

    Attributes:
        backbone: whose it is.
        embedded: the same of the embedded descriptors, None where they are left out.
        scales: of coordinates and descriptors.
        known: (R, K) coordinates of some of the reference's points.
    """

    backbone: LearnedBackbone
    embedded: HandcraftedReduction | None
    scales: tuple[float, float]
    known: NDArray[np.float32]

    def __call__(self, cloud: FeatureCloud) -> FeatureCloud:
        """The same points with coordinates and reduced descriptors (N, channels), set up as the reference stands."""
        upright = self.upright_from_world(cloud)
        parts = _parts(self.backbone, self.embedded, _moved(cloud, upright))
        scaled = [part * scale for part, scale in zip(parts, self.scales, strict=False)]
        return replace(cloud.with_features(np.concatenate(scaled, axis=1)), upright_from_world=upright)

    def upright_from_world(self, cloud: FeatureCloud) -> NDArray[np.float64]:
        """(4, 4), see stance.py."""
        network = load_network(self.backbone.weights)
        known = Known(self.known, max(typical_l1(self.known), 1e-9))

        def describe_some_points(points: NDArray[np.float64], normals: NDArray[np.float64]) -> NDArray[np.float32]:
            return describe_some(network, points, normals, STANCE_POINTS)

        return upright_from_world(cloud.points, cloud.features[:, -NORMAL:], known, describe_some_points)

    def arrays(self) -> dict[str, NDArray]:
        """For files; `LearnedBackbone.stored` reads them."""
        embedded = self.embedded.arrays() if self.embedded is not None else {}
        return {**embedded, _SCALES: np.array(self.scales, dtype=np.float64), _KNOWN: self.known}


def make_learned(name: str, settings: FeatureSettings, device: torch.device) -> LearnedBackbone:
    """The backbone; it computes on the CPU, where it is fast enough.

    Raises:
        WeightsError: its weights are missing or damaged.
    """
    weights = weights_of(settings)
    load_network(weights)
    share = 1.0 if name == "learned_only" else LearnedBackbone.share
    return LearnedBackbone(name, share, weights=weights)


def weights_of(settings: FeatureSettings) -> Path:
    """The file of the network's weights."""
    return FILE if settings.learned_weights is None else Path(settings.learned_weights)


def _parts(
    backbone: LearnedBackbone, embedded: HandcraftedReduction | None, cloud: FeatureCloud
) -> list[NDArray[np.float32]]:
    """Coordinates (N, K) and, unless they are left out, reduced descriptors (N, D), neither scaled."""
    coordinates = describe(load_network(backbone.weights), cloud.points, cloud.features[:, -NORMAL:])
    return [coordinates] if embedded is None else [coordinates, embedded(_embedded(cloud)).features]


def _moved(cloud: FeatureCloud, motion: NDArray[np.float64]) -> FeatureCloud:
    """The raw cloud with its points and normals moved."""
    normals = cloud.features[:, -NORMAL:] @ motion[:3, :3].T.astype(np.float32)
    features = np.concatenate([cloud.features[:, :-NORMAL], normals], axis=1)
    return replace(cloud, points=apply(motion, cloud.points).astype(np.float32), features=features)


def _embedded(cloud: FeatureCloud) -> FeatureCloud:
    """The cloud with the embedded backbone's part of the raw features."""
    return cloud.with_features(cloud.features[:, :-NORMAL])
