"""A BOP data set by its folder: models, splits, scenes, and the targets of the challenge."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import trimesh

from sparsedff.bop.entries import REMEDY, whole
from sparsedff.bop.models import INFO, ModelInfo, mesh_path, read_mesh, read_models_info
from sparsedff.bop.scene_files import CAMERA, read_scene
from sparsedff.errors import BopError
from sparsedff.files.json_file import read_json

TARGETS = "test_targets_bop19.json"
LEAST_VISIBLE = 0.1
"""Objects of which less is seen are no targets where the data set names none."""

_SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Target:
    """What is asked for in an image: poses of so many instances of an object."""

    scene_id: int
    im_id: int
    obj_id: int
    count: int


@dataclass(frozen=True)
class Dataset:
    """A BOP data set.

    Attributes:
        folder: that holds models and splits.

    Raises:
        BopError: there is no such folder, or it has no models.
    """

    folder: Path

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise BopError(f"{self.folder}: no such folder; check the path")
        _ = self.models

    @cached_property
    def models(self) -> Path:
        """The models by which poses are judged: models_eval, else models, else another kind of them."""
        found = sorted(path.parent for path in self.folder.glob(f"models*/{INFO}"))
        if not found:
            raise BopError(f"{self.folder}: has no models*/{INFO}; unpack the data set's models there")
        preferred = [self.folder / "models_eval", self.folder / "models", *found]
        return next(path for path in preferred if path in found)

    @cached_property
    def infos(self) -> dict[int, ModelInfo]:
        """What is known of each object.

        Raises:
            BopError: models_info.json is damaged.
        """
        return read_models_info(self.models)

    def info(self, obj_id: int) -> ModelInfo:
        """What is known of an object.

        Raises:
            BopError: there is no such object, or models_info.json is damaged.
        """
        if obj_id not in self.infos:
            raise BopError(f"{self.models / INFO}: has no object {obj_id}; there are {', '.join(map(str, self.infos))}")
        return self.infos[obj_id]

    def mesh(self, obj_id: int) -> trimesh.Trimesh:
        """An object's mesh [m].

        Raises:
            BopError: missing or damaged.
        """
        return read_mesh(mesh_path(self.models, obj_id))

    @property
    def splits(self) -> list[str]:
        """Names of the folders of scenes, such as train_pbr and test."""
        folders = (path for path in self.folder.iterdir() if path.is_dir() and path.name.startswith(_SPLITS))
        return sorted(path.name for path in folders if any(path.glob(f"*/{CAMERA}")))

    def split(self, name: str | None) -> str:
        """The split of this name; None takes test, or the only one that begins so.

        Raises:
            BopError: there is none, or several; names those there are.
        """
        splits = self.splits
        if name is None:
            tests = [split for split in splits if split.startswith("test")]
            name = "test" if "test" in tests else tests[0] if len(tests) == 1 else ""
        if name not in splits:
            wanted = f"no split {name}" if name else "no or several test splits; choose with --split"
            raise BopError(f"{self.folder}: {wanted}; there are {', '.join(splits) or 'none'}")
        return name

    def scene(self, split: str, scene_id: int) -> Path:
        """The folder of a scene."""
        return self.folder / split / f"{scene_id:06d}"

    def scene_ids(self, split: str) -> list[int]:
        """Numbers of the scenes of a split, ascending."""
        names = (path.parent.name for path in (self.folder / split).glob(f"*/{CAMERA}"))
        return sorted(int(name) for name in names if name.isascii() and name.isdecimal())

    def targets(self, split: str) -> list[Target]:
        """What is asked for in a split: the challenge's list for test images, else all that is seen by a tenth.

        Raises:
            BopError: a file is damaged.
        """
        path = self.folder / TARGETS
        if split.startswith("test") and path.exists():
            entries = read_json(path, BopError, REMEDY)
            if not isinstance(entries, list):
                raise BopError(f"{path}: must hold a list; {REMEDY}")
            return [_target(entry, f"{path}: [{index}]") for index, entry in enumerate(entries)]
        return [target for scene_id in self.scene_ids(split) for target in self._seen(split, scene_id)]

    def _seen(self, split: str, scene_id: int) -> list[Target]:
        found = []
        for frame in read_scene(self.scene(split, scene_id)).values():
            shares = ((one.obj_id, one.visibility) for one in frame.instances)
            counts = Counter(obj_id for obj_id, seen in shares if seen is None or seen.visib_fract >= LEAST_VISIBLE)
            found += [Target(scene_id, frame.im_id, obj_id, count) for obj_id, count in sorted(counts.items())]
        return found


def _target(entry: object, where: str) -> Target:
    scene_id, im_id, obj_id, count = (whole(entry, key, where) for key in ("scene_id", "im_id", "obj_id", "inst_count"))
    return Target(scene_id, im_id, obj_id, count)
