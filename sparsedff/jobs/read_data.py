"""`scripts/read.py`: a capture becomes training data of the refinement network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sparsedff.common.progress import bar
from sparsedff.config.config import Config
from sparsedff.distill.backbones.base import Backbone
from sparsedff.distill.cache import fingerprint, identity_of
from sparsedff.distill.cloud import FeatureCloud
from sparsedff.prepare.distiller import REFERENCE, make_distiller
from sparsedff.prepare.inputs import open_capture
from sparsedff.refine.entry import Entry, learn_entry, stored_entry
from sparsedff.refine.scene import make_scene
from sparsedff.refine.storage import captures_in, check_settings, key_folder, load, read_note, store


def read_capture(config: Config, name: str, key: int, folder_of_captures: str | None = None) -> tuple[Path, bool]:
    """Distil every view of a capture without pruning, find all pairs, and store them under a key.

    The first capture of a key teaches the embedded backbone's reduction; the others go through the same one. A capture
    that is there already, made from the same images in the same way, is left alone.

    Args:
        config: backbone, scale, segmenter of the reference, workspace, refinement.
        name: of the capture, looked for in capture_paths, or its path.
        key: which network the data are for.
        folder_of_captures: looked through instead of capture_paths.

    Returns:
        the .npz file, and whether it was made now.

    Raises:
        SparseDFFError: the capture cannot be read, its views do not overlap, or the key holds data made otherwise.
    """
    if folder_of_captures is not None:
        config = replace(config, capture_paths=(folder_of_captures,))
    distiller = make_distiller(replace(config, model_path=None))
    backbone, settings_of_distil = distiller.backbone, config.distil
    capture = open_capture(name, config)
    folder, radius_m = key_folder(Path(config.refinement.path), key), config.refinement.pair_radius_m
    settings = _plain({"backbone": identity_of(backbone), "scale": settings_of_distil.scale, "pair_radius_m": radius_m})
    made_from = _plain(
        {
            "views": [fingerprint(view) for view in capture.views],
            "segmenter": identity_of(distiller.segmenters[REFERENCE]),
            "workspace": asdict(settings_of_distil.workspace),
        }
    )
    check_settings(folder, capture.name, settings)
    path, note = folder / f"{capture.name}.npz", read_note(folder, capture.name)
    if note is not None and note["made_from"] == made_from and settings.items() <= note["settings"].items():
        return path, False
    with bar(len(capture.views), "distil", "view") as shown:
        cloud = distiller.distil(capture, REFERENCE, shown.update).cloud
    entry = _entry(folder, capture.name, backbone, cloud)
    scene = make_scene(capture.name, entry(cloud), radius_m)
    store(folder, scene, entry.arrays(), settings | {"reduction_sha256": entry.sha256()}, made_from)
    return path, True


def _entry(folder: Path, name: str, backbone: Backbone, cloud: FeatureCloud) -> Entry:
    """That of the key's other captures; without any it is learned here."""
    others = [other for other in captures_in(folder) if other != name and read_note(folder, other) is not None]
    return stored_entry(backbone, load(folder, others[0]).reduction) if others else learn_entry(backbone, cloud)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As a file gives it back: tuples become lists."""
    return dict(json.loads(json.dumps(values)))
