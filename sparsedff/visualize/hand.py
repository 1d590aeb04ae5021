"""The posed hand as an item of a drawing; its fingertips have a colour of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.visualize.drawing import Mesh
from sparsedff.visualize.palette import FINGERTIP_RGB, HAND_RGB


def hand_item(
    vertices: NDArray[np.floating],
    faces: NDArray[np.integer],
    parts: Sequence[tuple[str, int]] = (),
    name: str = "hand",
    tips: Collection[str] = (),
) -> Mesh:
    """A hand's mesh in the hand's colours.

    Args:
        vertices: (V, 3) [m], world frame.
        faces: (F, 3).
        parts: link name and number of vertices, in the order of `vertices`; none leaves all in one colour.
        name: for the legend.
        tips: names of the links that are fingertips.

    Raises:
        ValueError: the parts do not add up to the vertices.
    """
    colors = np.tile(np.array(HAND_RGB, dtype=np.uint8), (len(vertices), 1))
    if parts:
        counts = [count for _, count in parts]
        if sum(counts) != len(vertices):
            raise ValueError(f"hand {name}: its parts have {sum(counts)} vertices, the mesh has {len(vertices)}")
        colors[np.repeat([link in tips for link, _ in parts], counts)] = FINGERTIP_RGB
    return Mesh(vertices, faces, colors, name)


def posed_hand(hand: Hand, pose: HandPose) -> Mesh:
    """The hand's mesh at a pose, with its fingertips in their own colour."""
    tips = [hand.spec.link(tip) for tip in hand.spec.tips]
    return hand_item(*hand.mesh(pose), [(mesh.link, len(mesh.vertices)) for mesh in hand.meshes], tips=tips)
