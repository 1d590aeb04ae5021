"""What every picture of a saved run has in common: its options, its title, its hand, the point it compares with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sparsedff.errors import RunError
from sparsedff.hands.model_hand import ModelHand
from sparsedff.hands.registry import end_effector
from sparsedff.runs.read import SavedRun
from sparsedff.visualize.drawing import Item, Path3D
from sparsedff.visualize.hand import posed_hand
from sparsedff.visualize.similarity import Similarity

_SCENES = ("Reference", "Test")


@dataclass(frozen=True)
class PictureOptions:
    """What a user asks of a picture; every picture takes what concerns it.

    Attributes:
        similarity: how features are compared.
        key: 0 shows the reference, 1 the test scene, None what the picture shows by default.
        point: index of the point of the reference that features are compared with; None takes the one that the
            demonstrated hand touches.
        with_hand: whether the hand is shown.
        pca: whether colours show the features' principal components.
    """

    similarity: Similarity
    key: int | None = None
    point: int | None = None
    with_hand: bool = False
    pca: bool = False


class RunPicture(Protocol):
    """Draws one kind of picture of a saved run."""

    def __call__(self, run: SavedRun, options: PictureOptions, folder: Path) -> list[Path]:
        """Write the picture, its page and its coloured clouds into a folder, which is made if needed.

        Returns:
            the files written.

        Raises:
            RunError: the run lacks what the options ask for.
            OSError: the folder cannot be written to.
        """
        ...


def title_of(run: SavedRun, key: int) -> str:
    """The headline of a scene: which it is, and the capture's name."""
    return f"{_SCENES[key]}: {run.names[key]}"


def hand_items(run: SavedRun, key: int, options: PictureOptions) -> tuple[Item, ...]:
    """The hand of a scene, with the path of its palm in the test scene; nothing unless `with_hand` is set.

    Raises:
        RunError: the run does not say where the hand was.
    """
    if not options.with_hand:
        return ()
    pose = run.pose if key else run.demonstration
    if pose is None:
        raise RunError(
            f"--with_hand: {run.folder} has no result.json that says where the demonstrated hand "
            "was; leave the option out, or use --key 1"
        )
    posed = posed_hand(ModelHand(end_effector(run.effector)), pose)
    if key == 0:
        return (posed,)
    return posed, Path3D(np.stack([step.translation for step in run.trajectory]), name="path of the palm")


def compared_point(run: SavedRun, options: PictureOptions) -> tuple[int, NDArray[np.float32]]:
    """Index of the reference's point that features are compared with, and its feature (C,).

    Raises:
        RunError: the reference has no point of the index that was asked for.
    """
    index = _touched_point(run) if options.point is None else options.point
    features = run.clouds[0].features
    if not 0 <= index < len(features):
        raise RunError(
            f"--ref_idx: {index} is no point of {run.folder}/points_0.npy, which has "
            f"{len(features)}; choose 0 to {len(features) - 1}"
        )
    return index, features[index]


def _touched_point(run: SavedRun) -> int:
    """Index of the reference's point nearest to the demonstrated hand; without one, of the highest point."""
    points = run.clouds[0].points
    if run.demonstration is None:
        return int(points[:, 2].argmax())
    surface = ModelHand(end_effector(run.effector)).surface_of(run.demonstration)
    return int(cKDTree(surface).query(points)[0].argmin())


def marked_point(key: int, index: int) -> str:
    """The legend's name of a marked point: the chosen one of the reference, or its match in the test scene."""
    return f"point {index} of the reference" if key == 0 else "most similar in the test scene"
