"""nerfstudio's transforms.json with depth images, as its tools, Record3D and Polycam write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sparsedff.capture.model import Capture, View
from sparsedff.errors import CaptureError
from sparsedff.files.image import read_color_image, read_depth_image
from sparsedff.files.json_file import read_object
from sparsedff.geometry import Float
from sparsedff.importing.entries import array, file_of, listed, number
from sparsedff.importing.frames import chosen
from sparsedff.importing.registry import TRANSFORMS
from sparsedff.importing.settings import Wanted

_GL_FROM_CV = np.diag([1.0, -1.0, -1.0, 1.0])
"""Its cameras are OpenGL's: y up, z backwards."""
_LENS = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")


def read(source: Path, wanted: Wanted) -> Capture:
    """The capture of some of its frames. Its world is wherever the poses put it; `--find-table` mends that.

    Raises:
        CaptureError, CalibrationError: a file or an entry is missing, damaged or of another shape; names it.
    """
    path = source / TRANSFORMS
    document = read_object(path, CaptureError, "export the scene again")
    frames = listed(document, "frames", path)
    unit = wanted.depth_unit_m or number(document, "depth_unit_scale_factor", path, "", 0.001)
    views = []
    for index in chosen(len(frames), wanted.frames, str(path)):
        frame, where = frames[index], f"frames[{index}]"
        if "depth_file_path" not in frame:
            raise CaptureError(f"{path}: {where}.depth_file_path: missing; the scene was exported without depth")
        lens = {**document, **frame}
        world_from_gl = array(frame, "transform_matrix", (4, 4), path, where)
        views.append(
            View(
                f"frame{index}",
                read_color_image(file_of(frame, "file_path", path, where), CaptureError),
                read_depth_image(file_of(frame, "depth_file_path", path, where), CaptureError, unit),
                _intrinsics(lens, path, where),
                np.array([number(lens, name, path, where, 0.0) for name in _LENS]),
                world_from_gl @ _GL_FROM_CV,
            )
        )
    return Capture(wanted.name, tuple(views))


def _intrinsics(lens: dict[str, Any], path: Path, where: str) -> Float:
    fx, fy, cx, cy = (number(lens, name, path, where) for name in ("fl_x", "fl_y", "cx", "cy"))
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])
