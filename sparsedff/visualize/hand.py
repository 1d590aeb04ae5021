"""The posed hand as an item of a scene, its fingertips set off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sparsedff.visualize.scene import FINGERTIP_RGB, HAND_RGB, Mesh


def hand_item(
    vertices: NDArray[np.floating],
    faces: NDArray[np.integer],
    parts: Sequence[tuple[str, int]] = (),
    name: str = "hand",
    tip: str = "distal",
) -> Mesh:
    """A hand's mesh in the hand's colours.

    Args:
        vertices: (V, 3) [m], world frame.
        faces: (F, 3).
        parts: link name and number of vertices, in the order of `vertices`; none leaves all in one colour.
        name: for the legend.
        tip: links whose name holds this are fingertips.

    Raises:
        ValueError: the parts do not add up to the vertices.
    """
    colors = np.tile(np.array(HAND_RGB, dtype=np.uint8), (len(vertices), 1))
    if parts:
        counts = [count for _, count in parts]
        if sum(counts) != len(vertices):
            raise ValueError(f"hand {name}: its parts have {sum(counts)} vertices, the mesh has {len(vertices)}")
        colors[np.repeat([tip in link for link, _ in parts], counts)] = FINGERTIP_RGB
    return Mesh(vertices, faces, colors, name)
