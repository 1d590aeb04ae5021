"""cameras.json beside images: the layout for whoever writes a capture from a program of any language."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sparsedff.capture.model import Capture, View
from sparsedff.errors import CaptureError
from sparsedff.files.image import read_color_image, read_depth_image
from sparsedff.files.json_file import read_object
from sparsedff.importing.entries import array, file_of, listed, number
from sparsedff.importing.registry import CAMERAS
from sparsedff.importing.settings import Wanted


def read(source: Path, wanted: Wanted) -> Capture:
    """The capture of a folder with cameras.json (docs/files.md).

    Raises:
        CaptureError, CalibrationError: a file or an entry is missing, damaged or of another shape; names it.
    """
    path = source / CAMERAS
    document = read_object(path, CaptureError, "docs/files.md has an example")
    views = []
    for index, entry in enumerate(listed(document, "cameras", path)):
        where = f"cameras[{index}]"
        unit = wanted.depth_unit_m
        if unit is None and "depth_unit_m" in entry:
            unit = number(entry, "depth_unit_m", path, where)
        views.append(
            View(
                str(entry.get("serial", f"cam{index}")),
                read_color_image(file_of(entry, "color", path, where), CaptureError),
                read_depth_image(file_of(entry, "depth", path, where), CaptureError, unit),
                array(entry, "intrinsics", (3, 3), path, where),
                array(entry, "distortion", None, path, where) if entry.get("distortion") else np.zeros(8),
                array(entry, "world_from_camera", (4, 4), path, where),
            )
        )
    return Capture(wanted.name, tuple(views))
