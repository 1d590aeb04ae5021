"""Open3D's and Redwood's folders: color/, depth/, an intrinsic file and trajectory.log."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sparsedff.capture.files.serials import natural_order
from sparsedff.capture.model import Capture, View
from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.files.image import read_color_image, read_depth_image
from sparsedff.files.json_file import read_object
from sparsedff.files.opened import decoding, read_bytes
from sparsedff.geometry import Float
from sparsedff.importing.entries import array
from sparsedff.importing.frames import chosen
from sparsedff.importing.registry import TRAJECTORY
from sparsedff.importing.settings import Wanted

_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
_COLORS, _DEPTHS = ("color", "rgb", "image"), ("depth",)
_POSES = (TRAJECTORY, f"scene/{TRAJECTORY}", "camera_pose.log")
_LENSES = ("intrinsic.json", "camera_intrinsic.json", "camera_primesense.json")
_LINES = 5  # of a pose: three numbers, then a 4x4
_MOST_BYTES = 1 << 28


def read(source: Path, wanted: Wanted) -> Capture:
    """The capture of some frames of a sequence. Its world is cam0's first pose; `--find-table` mends that.

    Raises:
        CaptureError, CalibrationError: a file is missing, damaged, or does not fit the others; names it.
    """
    colors, depths = (_images(source, names) for names in (_COLORS, _DEPTHS))
    poses_file = _first(source, _POSES, "poses of the camera")
    poses = _trajectory(poses_file)
    if not len(colors) == len(depths) == len(poses):
        raise CaptureError(
            f"{source}: has {len(colors)} colour images, {len(depths)} depth images and {len(poses)} poses; "
            "there must be one of each per frame"
        )
    intrinsics = _intrinsics(_first(source, _LENSES, "intrinsics"))
    return Capture(
        wanted.name,
        tuple(
            View(
                f"frame{index}",
                read_color_image(colors[index], CaptureError),
                read_depth_image(depths[index], CaptureError, wanted.depth_unit_m),
                intrinsics,
                np.zeros(8),
                poses[index],
            )
            for index in chosen(len(poses), wanted.frames, str(source))
        ),
    )


def _images(source: Path, names: tuple[str, ...]) -> list[Path]:
    for name in names:
        if (source / name).is_dir():
            found = {p.name: p for p in (source / name).iterdir() if p.suffix.lower() in _IMAGES}
            return [found[one] for one in natural_order(list(found))]
    raise CaptureError(f"{source / names[0]}: no such folder; it holds one image per frame")


def _first(source: Path, names: tuple[str, ...], what: str) -> Path:
    found = next((source / name for name in names if (source / name).is_file()), None)
    if found is None:
        raise CaptureError(f"{source}: has no {what}: none of {', '.join(names)}")
    return found


def _trajectory(path: Path) -> list[Float]:
    """world_from_camera (4, 4) of every frame."""
    content = read_bytes(path, CalibrationError, "write the trajectory again", most=_MOST_BYTES)
    with decoding(path, CalibrationError, "write the trajectory again", "is no trajectory of blocks of five lines"):
        lines = [line.split() for line in content.decode().splitlines() if line.strip()]
        if len(lines) % _LINES:
            raise ValueError(f"{len(lines)} lines")
        blocks = (lines[at + 1 : at + _LINES] for at in range(0, len(lines), _LINES))
        return [np.array(block, dtype=np.float64).reshape(4, 4) for block in blocks]


def _intrinsics(path: Path) -> Float:
    """Open3D writes the matrix column by column."""
    document = read_object(path, CalibrationError, "write it again with open3d.io.write_pinhole_camera_intrinsic")
    return array(document, "intrinsic_matrix", None, path, "").reshape(3, 3).T
