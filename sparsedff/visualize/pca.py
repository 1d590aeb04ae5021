"""Features as colours: their first three principal components as red, green and blue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparsedff.visualize.color_scale import SCALE_ENDS

Float = NDArray[np.floating]


def pca_colors(features: Sequence[Float]) -> list[NDArray[np.uint8]]:
    """Colours (N, 3) of each array of features (N, C): its first three principal components as red, green and blue.

    The components are fitted on all arrays together, so that equal colours mean like features across scenes. Their
    signs are fixed by the largest entry of each direction: the same features always get the same colours.
    """
    together = np.concatenate([np.asarray(part, dtype=np.float64) for part in features])
    mean = together.mean(axis=0)
    _, _, directions = np.linalg.svd(together - mean, full_matrices=False)
    directions = directions[:3]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    directions = directions * np.where(largest < 0, -1.0, 1.0)
    low, high = np.quantile((together - mean) @ directions.T, SCALE_ENDS, axis=0)
    colors = []
    for part in features:
        share = ((part - mean) @ directions.T - low) / np.maximum(high - low, 1e-12)
        padded = np.full((len(part), 3), 0.5)
        padded[:, : share.shape[1]] = share
        colors.append(np.round(255 * np.clip(padded, 0, 1)).astype(np.uint8))
    return colors
