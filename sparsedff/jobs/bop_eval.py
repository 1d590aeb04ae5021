"""The recalls of a table of results, and the splits of a scene's images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from sparsedff.bop.dataset import Dataset
from sparsedff.bop.index_files import TEST, TRAIN, write_indices
from sparsedff.bop.recall import Recalls, recalls
from sparsedff.bop.results import Estimate, read_results
from sparsedff.bop.score import score
from sparsedff.common.progress import bar
from sparsedff.errors import BopError


def evaluate(results: Path, folder: Path, split: str | None) -> Iterator[str]:
    """Print the recalls of a table of results, an object a line.

    Args:
        results: CSV of the challenge.
        folder: of the data set.
        split: None takes its test images.

    Raises:
        BopError: the table or the data set cannot be used.
    """
    estimates = read_results(results)
    dataset = Dataset(folder)
    name = dataset.split(split)
    targets = dataset.targets(name)
    if not targets:
        raise BopError(f"{folder / name}: no object is annotated, so nothing can be measured")
    with bar(len(targets), "evaluate", "target") as shown:
        found = score(dataset, name, estimates, shown.update, targets)
    yield f"{'object':>8} {'targets':>8} {'AR':>7} {'VSD':>7} {'MSSD':>7} {'MSPD':>7} {'ADD(-S)':>8}"
    for obj_id, entries in found.items():
        yield _line(str(obj_id), recalls(entries))
    yield _line("all", recalls(entry for entries in found.values() for entry in entries))
    yield "AR is the mean of VSD, MSSD and MSPD over the challenge's thresholds; ADD, ADD-S where symmetric, at 0.1 d"
    yield from _time(estimates)


def split_images(folder: Path, split: str | None, train_share: float, seed: int) -> Iterator[str]:
    """Write train_idxs.txt and test_idxs.txt into every scene of a split.

    Args:
        folder: of the data set.
        split: None takes its test images.
        train_share: of each scene's images.
        seed: of the draw.

    Raises:
        BopError: a share outside [0, 1], no such split, or the files are there.
    """
    if not 0 <= train_share <= 1:
        raise BopError(f"--share: must be between 0 and 1, got {train_share:g}")
    dataset = Dataset(folder)
    name = dataset.split(split)
    for scene_id in dataset.scene_ids(name):
        scene = dataset.scene(name, scene_id)
        train, test = write_indices(scene, train_share, seed)
        yield f"{scene}: {train} images in {TRAIN}, {test} in {TEST}"


def _line(name: str, found: Recalls) -> str:
    shares = f"{found.average:7.3f} {found.vsd:7.3f} {found.mssd:7.3f} {found.mspd:7.3f} {found.add:8.3f}"
    return f"{name:>8} {found.targets:8d} {shares}"


def _time(estimates: Sequence[Estimate]) -> Iterator[str]:
    by_image = {(one.scene_id, one.im_id): one.time_s for one in estimates if one.time_s >= 0}
    if by_image:
        yield f"time per image: {np.mean(list(by_image.values())):.3f} s, as the table says"
