"""A transfer as two scenes: the demonstrated hand on the reference, the transferred hand on the test object."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsedff.distill.distil import SegmentedView
from sparsedff.hands.base import Hand
from sparsedff.hands.pose import HandPose
from sparsedff.transfer.result import TransferResult
from sparsedff.visualize.dense import object_points
from sparsedff.visualize.hand import hand_item
from sparsedff.visualize.scene import Mesh, Path3D, Scene


def transfer_scenes(
    views: tuple[Sequence[SegmentedView], Sequence[SegmentedView]],
    hand: Hand,
    result: TransferResult,
    names: tuple[str, str],
) -> tuple[Scene, Scene]:
    """Reference and test scene, ready to draw.

    Args:
        views: segmented views of both captures.
        hand: gives the meshes.
        result: both poses and the execution path.
        names: of the captures, for the titles.
    """
    path = Path3D(np.stack([pose.translation for pose in result.trajectory]), name="path of the palm")
    reference = (object_points(views[0]), _hand(hand, result.demonstration))
    test = (object_points(views[1]), _hand(hand, result.pose), path)
    return Scene(reference, f"Demonstration: {names[0]}"), Scene(test, f"Transfer: {names[1]}")


def describe(result: TransferResult) -> str:
    """One line under the picture."""
    terms = result.terms
    return (
        f"Feature energy {terms.get('feature', 0.0):.3f}, best of {len(result.starts)} starts; the hand reaches "
        f"{1000 * terms.get('penetration', 0.0):.1f} mm into object and table; "
        f"{len(result.trajectory)} poses on the path."
    )


def _hand(hand: Hand, pose: HandPose) -> Mesh:
    parts = [(mesh.link, len(mesh.vertices)) for mesh in hand.meshes]
    return hand_item(*hand.mesh(pose), parts)
