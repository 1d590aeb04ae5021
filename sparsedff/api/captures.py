"""Captures: folders to values, arrays to folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparsedff.api.settings import Settings, as_config
from sparsedff.capture.files.capture_folder import save_capture as write_capture
from sparsedff.capture.model import Capture, View
from sparsedff.capture.plausible import check_plausible
from sparsedff.errors import CaptureError
from sparsedff.prepare.inputs import open_capture


def load_capture(name_or_path: str | Path, settings: Settings = None) -> Capture:
    """Read a capture folder (docs/files.md).

    Args:
        name_or_path: a folder, or the name of one in `capture_paths`; monkey_original and monkey_test are the packaged
            sample, which is made where it is missing.
        settings: `capture_paths` and `extrinsics_path` are read.

    Raises:
        CaptureError, CalibrationError: there is none, or a file of it is missing or damaged; names the file.
    """
    return open_capture(str(name_or_path), as_config(settings))


def make_capture(
    name: str,
    colors: Sequence[NDArray[np.uint8]],
    depths: Sequence[NDArray],
    intrinsics: Sequence[ArrayLike],
    world_from_cameras: Sequence[ArrayLike],
    distortions: Sequence[ArrayLike] | None = None,
    serials: Sequence[str] | None = None,
) -> Capture:
    """A capture of arrays, one entry per camera in every argument.

    Args:
        name: of the capture.
        colors: (H, W, 3) uint8, RGB.
        depths: (H, W) registered to colour, along the optical axis, 0 = no reading: floats are metres, integers
            millimetres.
        intrinsics: (3, 3) pinhole matrices [px].
        world_from_cameras: (4, 4) poses; the world is the table, z up, metres; camera axes x right, y down, z forward.
        distortions: 4, 5 or 8 coefficients of OpenCV's model each; None = ideal lenses.
        serials: names of the cameras; None = cam0, cam1, ...

    Raises:
        CaptureError, CalibrationError: numbers of entries differ, an array has a wrong shape or type, or a pose or
            depth is absurd; names the camera.
    """
    names = [f"cam{index}" for index in range(len(colors))] if serials is None else list(serials)
    lenses = [np.zeros(8)] * len(colors) if distortions is None else list(distortions)
    counts = {
        "colors": len(colors),
        "depths": len(depths),
        "intrinsics": len(intrinsics),
        "world_from_cameras": len(world_from_cameras),
        "distortions": len(lenses),
        "serials": len(names),
    }
    if len(set(counts.values())) != 1:
        shown = ", ".join(f"{key} {count}" for key, count in counts.items())
        raise CaptureError(f"capture {name}: every argument has one entry per camera, got {shown}")
    views = tuple(
        View(
            serial,
            np.asarray(color),
            _metres(np.asarray(depth)),
            np.asarray(matrix, dtype=np.float64),
            np.asarray(lens, dtype=np.float64),
            np.asarray(pose, dtype=np.float64),
        )
        for serial, color, depth, matrix, lens, pose in zip(
            names, colors, depths, intrinsics, lenses, world_from_cameras, strict=True
        )
    )
    check_plausible(views, f"capture {name}")
    return Capture(name, views)


def save_capture(
    folder: Path | str,
    colors: Sequence[NDArray[np.uint8]],
    depths: Sequence[NDArray],
    intrinsics: Sequence[ArrayLike],
    world_from_cameras: Sequence[ArrayLike],
    distortions: Sequence[ArrayLike] | None = None,
    serials: Sequence[str] | None = None,
) -> Capture:
    """Write arrays as a capture folder, which appears whole or not at all; returns what was written.

    Args:
        folder: must not exist; its name is the capture's.
        colors: (H, W, 3) uint8, RGB, one per camera.
        depths: (H, W), metres as floats or millimetres as integers.
        intrinsics: (3, 3) [px].
        world_from_cameras: (4, 4) [m].
        distortions: of the lenses, or None.
        serials: names of the cameras, or None.

    Raises:
        CaptureError, CalibrationError: the folder exists or cannot be written, or as `make_capture`.
    """
    folder = Path(folder)
    capture = make_capture(folder.name, colors, depths, intrinsics, world_from_cameras, distortions, serials)
    return replace(capture, path=write_capture(capture, folder))


def _metres(depth: NDArray) -> NDArray[np.float32]:
    """(H, W) [m] of metres as floats or millimetres as integers."""
    scale = 1000.0 if depth.dtype.kind in "iu" else 1.0
    return (depth / scale).astype(np.float32)
