"""A transfer as two drawings: the demonstrated hand on the reference, the transferred hand on the test object."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import trimesh

from sparsedff.distill.distil import SegmentedView
from sparsedff.hands.base import Hand
from sparsedff.transfer.result import TransferResult
from sparsedff.visualize.dense import object_points
from sparsedff.visualize.drawing import Drawing, Path3D
from sparsedff.visualize.hand import posed_hand


def transfer_drawings(
    views: tuple[Sequence[SegmentedView], Sequence[SegmentedView]],
    hand: Hand,
    result: TransferResult,
    names: tuple[str, str],
) -> tuple[Drawing, Drawing]:
    """The drawings of the reference and of the test scene.

    Args:
        views: segmented views of both captures.
        hand: gives the meshes.
        result: both poses and the execution path.
        names: of the captures, for the titles.
    """
    path = Path3D(np.stack([pose.translation for pose in result.trajectory]), name="path of the palm")
    reference = (object_points(views[0]), posed_hand(hand, result.demonstration))
    test = (object_points(views[1]), posed_hand(hand, result.pose), path)
    return Drawing(reference, f"Demonstration: {names[0]}"), Drawing(test, f"Transfer: {names[1]}")


def write_objects(scenes: Sequence[Sequence[SegmentedView]], folder: Path) -> None:
    """Write object_0.ply and object_1.ply: every pixel of the reference and of the test object as a coloured point."""
    for index, views in enumerate(scenes):
        points = object_points(views, most=None)
        cloud = trimesh.PointCloud(points.positions.astype(np.float32), points.colors)
        (folder / f"object_{index}.ply").write_bytes(cloud.export(file_type="ply"))


def describe(result: TransferResult, doubts: Sequence[str] = ()) -> str:
    """The text under the picture: what was found, and what is doubtful about the scenes."""
    terms = result.terms
    doubtful = "".join(f" Doubtful: {doubt}." for doubt in doubts)
    return (
        f"Feature energy {terms.get('feature', 0.0):.3f}, best of {len(result.starts)} starts; the hand reaches "
        f"{1000 * terms.get('penetration', 0.0):.1f} mm into object and table; "
        f"{len(result.trajectory)} poses on the path.{doubtful}"
    )
