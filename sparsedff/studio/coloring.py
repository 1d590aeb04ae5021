"""The colours a cloud can have in the studio."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparsedff.runs.read import SavedCloud
from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.features import LIKENESSES, pca_colors

MODES = ("RGB", "features (PCA)", "view of origin", "similarity")

# Okabe and Ito's palette, black left out: it stays apart for colour-blind readers.
VIEW_RGB = np.array(
    [(0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233), (213, 94, 0), (240, 228, 66)],
    dtype=np.uint8,
)
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
        self, mode: str, reference: tuple[int, int] | None = None, likeness: str = "l2"
    ) -> list[NDArray[np.uint8]]:
        """Colours (N, 3) of each cloud.

        Args:
            mode: one of MODES.
            reference: cloud and index of the point that similarity is taken to; None leaves all grey.
            likeness: how features are compared.
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
            values, scale = self.similarity(reference, likeness)
            return [scale.rgb(value) for value in values]
        return [cloud.colors for cloud in self._clouds]

    def similarity(self, reference: tuple[int, int], likeness: str) -> tuple[list[NDArray[np.floating]], ColorScale]:
        """Likeness (N,) of each cloud's points to one point, and one scale for all."""
        kind, (which, index) = LIKENESSES[likeness], reference
        feature = self._clouds[which].features[index]
        values = [kind.of(cloud.features, feature) for cloud in self._clouds]
        return values, kind.scale(values)

    @staticmethod
    def _by_view(cloud: SavedCloud) -> NDArray[np.uint8]:
        if cloud.views is None:
            return np.broadcast_to(_UNKNOWN_RGB, (len(cloud), 3))
        return VIEW_RGB[cloud.views % len(VIEW_RGB)]
