"""train_idxs.txt and test_idxs.txt of a scene's folder: which of its images train and which test.

A line is the place of an image among the scene's colour images in order, from 0 on, with four digits or more.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from sparsedff.bop.entries import REMEDY
from sparsedff.bop.images import image_ids
from sparsedff.common.atomic import write_file
from sparsedff.errors import BopError
from sparsedff.files.opened import decoding, read_bytes

TRAIN, TEST = "train_idxs.txt", "test_idxs.txt"
_MOST_BYTES = 16 << 20


def read_indices(scene: Path, name: str) -> list[int]:
    """Numbers of the images that a file of a scene's folder names, in its order.

    Raises:
        BopError: missing, no whole numbers, or an image that is not there.
    """
    path, images = scene / name, image_ids(scene)
    content = read_bytes(path, BopError, "write it with `sparsedff bop split`", most=_MOST_BYTES)
    with decoding(path, BopError, REMEDY, "must hold one whole number a line"):
        places = [int(line) for line in content.decode("ascii").split()]
    for place in places:
        if not 0 <= place < len(images):
            raise BopError(f"{path}: has {place}, but the scene has images 0 to {len(images) - 1}; split it again")
    return [images[place] for place in places]


def write_indices(scene: Path, train_share: float, seed: int) -> tuple[int, int]:
    """Split a scene's images at random and write both files; returns how many train and test.

    Args:
        scene: its folder.
        train_share: of the images, rounded down.
        seed: of the draw.

    Raises:
        BopError: the scene has no image, or one of the files exists.
    """
    count = len(image_ids(scene))
    if not count:
        raise BopError(f"{scene}: holds no image; check the path")
    for name in (TRAIN, TEST):
        if (scene / name).exists():
            raise BopError(f"{scene / name}: exists; delete both files to split the images again")
    drawn = np.random.default_rng(seed).permutation(count)
    train = int(train_share * count)
    for name, places in ((TRAIN, drawn[:train]), (TEST, drawn[train:])):
        write_file(scene / name, _lines(np.sort(places).tolist()))
    return train, count - train


def _lines(places: Iterable[int]) -> str:
    return "".join(f"{place:04d}\n" for place in places)
