"""The colours a cloud can have in the studio."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparsedff.runs.read import SavedCloud
from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.palette import VIEW_RGB
from sparsedff.visualize.pca import pca_colors
from sparsedff.visualize.similarity import SIMILARITIES

MODES = ("RGB", "features (PCA)", "view of origin", "similarity")

_UNKNOWN_RGB = np.array((150, 150, 150), dtype=np.uint8)


class Coloring:
    """Colours of all clouds, by mode.

    Args:
        clouds: of one or two scenes.
    """

    def __init__(self, clouds: Sequence[SavedCloud]) -> None:
        self._clouds = clouds
        self._pca: list[NDArray[np.uint8]] | None = None

    def colors(
        self, mode: str, reference: tuple[int, int] | None = None, similarity: str = "l2"
    ) -> list[NDArray[np.uint8]]:
        """Colours (N, 3) of each cloud.

        Args:
            mode: one of MODES.
            reference: cloud and index of the point that similarity is taken to; None leaves all grey.
            similarity: how features are compared.
        """
        if mode == "features (PCA)":
            if self._pca is None:
                self._pca = pca_colors([cloud.features for cloud in self._clouds])
            return self._pca
        if mode == "view of origin":
            return [self._by_view(cloud) for cloud in self._clouds]
        if mode == "similarity":
            if reference is None:
                return [np.broadcast_to(_UNKNOWN_RGB, (len(cloud), 3)) for cloud in self._clouds]
            values, scale = self.compare(reference, similarity)
            return [scale.rgb(value) for value in values]
        return [cloud.colors for cloud in self._clouds]

    def compare(self, reference: tuple[int, int], similarity: str) -> tuple[list[NDArray[np.floating]], ColorScale]:
        """Similarity (N,) of each cloud's points to one point, and one scale for all."""
        kind, (which, index) = SIMILARITIES[similarity], reference
        feature = self._clouds[which].features[index]
        values = [kind.of(cloud.features, feature) for cloud in self._clouds]
        return values, kind.scale(values)

    @staticmethod
    def _by_view(cloud: SavedCloud) -> NDArray[np.uint8]:
        if cloud.views is None:
            return np.broadcast_to(_UNKNOWN_RGB, (len(cloud), 3))
        return np.array(VIEW_RGB, dtype=np.uint8)[cloud.views % len(VIEW_RGB)]
