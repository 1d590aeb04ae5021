"""FeatureCloud: points of one scene with a feature each, the thing distillation makes and everything later uses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sparsedff.errors import DistillError


@dataclass(frozen=True, eq=False)
class FeatureCloud:
    """Points of an object with features.

    Attributes:
        points: (N, 3) float32 [m] in the world (table) frame.
        colors: (N, 3) uint8 RGB.
        features: (N, C) float32.
        view_index: (N,) int64, which of the capture's views a point comes from, starting at 0.
        upright_from_world: (4, 4) motion that sets the object up as the reference stands, its foot at z = 0; identity
            where it stands so, or where the backbone does not know.

    Raises:
        DistillError: lengths differ, values are not finite, or there is no point.
    """

    points: NDArray[np.float32]
    colors: NDArray[np.uint8]
    features: NDArray[np.float32]
    view_index: NDArray[np.int64]
    upright_from_world: NDArray[np.float64] = field(default_factory=lambda: np.eye(4))

    def __post_init__(self) -> None:
        lengths = {name: len(getattr(self, name)) for name in ("points", "colors", "features", "view_index")}
        if len(set(lengths.values())) != 1 or lengths["points"] == 0:
            raise DistillError(f"feature cloud: arrays must be equally long and not empty, got {lengths}")
        if not (np.isfinite(self.points).all() and np.isfinite(self.features).all()):
            raise DistillError("feature cloud: points or features contain NaN or infinity")

    def __len__(self) -> int:
        return len(self.points)

    def select(self, index: NDArray[np.integer] | NDArray[np.bool_]) -> FeatureCloud:
        """The points of a boolean mask (N,) or of indices, all fields alike."""
        return replace(
            self,
            points=self.points[index],
            colors=self.colors[index],
            features=self.features[index],
            view_index=self.view_index[index],
        )

    def with_features(self, features: NDArray[np.floating]) -> FeatureCloud:
        """The same points with other features (N, C')."""
        return replace(self, features=np.ascontiguousarray(features, dtype=np.float32))
