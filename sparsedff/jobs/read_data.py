"""Training data of the refinement network from a capture: what `sparsedff read` and scripts/read.py do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
from sparsedff.prepare.writable import check_writable
from sparsedff.refine.input_reduction import InputReduction, learn_input_reduction, stored_input_reduction
from sparsedff.refine.scene import make_scene
from sparsedff.refine.storage import captures_in, check_settings, key_folder, load, read_note, store


def read_capture(config: Config, name: str, key: int, folder_of_captures: str | None = None) -> Iterator[str]:
    """Distil every view of a capture without pruning, find all pairs, and store them under a key.

    The reduction of the handcrafted backbone is learned from the first capture of a key and applied to all of them. A
    capture that is stored already is left alone if it was made from the same images in the same way.

    Args:
        config: backbone, scale, segmenter of the reference, workspace, refinement.
        name: of the capture, looked for in capture_paths, or its path.
        key: which network the data are for.
        folder_of_captures: looked through instead of capture_paths.

    Yields:
        a line that names the .npz file and says whether it was there already.

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
            "object": asdict(settings_of_distil.object),
        }
    )
    check_writable(folder, "refinement.path")
    check_settings(folder, capture.name, settings)
    path, note = folder / f"{capture.name}.npz", read_note(folder, capture.name)
    if note is not None and note["made_from"] == made_from and settings.items() <= note["settings"].items():
        yield f"training data: {path} (there already, made in the same way)"
        return
    with bar(len(capture.views), "distil", "view") as shown:
        cloud = distiller.distil(capture, REFERENCE, progress=shown.update).cloud
    reduce = _input_reduction(folder, capture.name, backbone, cloud)
    scene = make_scene(capture.name, reduce(cloud), radius_m)
    store(folder, scene, reduce.arrays(), settings | {"reduction_sha256": reduce.sha256()}, made_from)
    yield f"training data: {path}"


def _input_reduction(folder: Path, name: str, backbone: Backbone, cloud: FeatureCloud) -> InputReduction:
    """The reduction of the key's other captures. If there are none, it is learned from this cloud."""
    others = [other for other in captures_in(folder) if other != name and read_note(folder, other) is not None]
    if others:
        return stored_input_reduction(backbone, load(folder, others[0]).reduction)
    return learn_input_reduction(backbone, cloud)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as a JSON file gives them back: tuples become lists."""
    return dict(json.loads(json.dumps(values)))
