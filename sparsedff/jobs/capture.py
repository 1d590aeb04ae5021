"""What scripts/capture_3d.py and scripts/capture.py do; every job yields lines as they become true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from sparsedff.calibration.board import Board
from sparsedff.calibration.detect import detect
from sparsedff.capture.cameras.base import Camera, Frame
from sparsedff.capture.cameras.group import Cameras
from sparsedff.capture.facts import facts
from sparsedff.capture.files.capture_folder import save_capture
from sparsedff.capture.files.lookup import camera_folders
from sparsedff.capture.model import Capture
from sparsedff.capture.shot import check_known, fresh_folder, take_capture
from sparsedff.config.config import Config
from sparsedff.errors import CaptureError
from sparsedff.jobs.cameras import cameras_of, rig_of
from sparsedff.jobs.stills import next_name, write_lenses, write_still
from sparsedff.prepare.writable import check_writable

QUIT, SHOOT = "q", "c"


@dataclass(frozen=True)
class Wanted:
    """What capture_3d.py is asked for.

    Attributes:
        save: whether the capture is kept.
        path: its folder; None = a new one, named for the time.
        vis_2d, vis_3d: which pictures are made.
        calibrated: off for captures before there is a calibration.
    """

    save: bool
    path: Path | None
    vis_2d: bool
    vis_3d: bool
    calibrated: bool = True


def capture_3d(config: Config, wanted: Wanted) -> Iterator[str]:
    """Take one capture, save it, draw it; yields lines as they become true.

    Raises:
        SparseDFFError: no camera, one that fails, no calibration, a folder that exists; nothing is left half written.
    """
    if not (wanted.save or wanted.vis_2d or wanted.vis_3d):
        raise CaptureError("capture_3d: nothing to do; give --save, --vis_2d or --vis_3d")
    if wanted.path is not None and wanted.path.exists():
        there = " (a capture)" if camera_folders(wanted.path) else ""
        raise CaptureError(f"{wanted.path}: exists{there}; captures are never overwritten, choose another --path")
    rig = rig_of(config) if wanted.calibrated else None
    folder = wanted.path or fresh_folder(Path(config.camera.capture_path))
    if wanted.save:
        check_writable(folder, "camera.capture_path" if wanted.path is None else "--path")
    if (wanted.vis_2d or wanted.vis_3d) and not wanted.save:
        check_writable(Path(config.visualize_path), "visualize_path")
    with cameras_of(config) as cameras:
        if rig is not None:
            check_known(cameras.each, rig)
        capture = take_capture(cameras, rig, folder.name)
    yield from facts(capture)
    if wanted.save:
        save_capture(capture, folder, rig, calibration=rig is not None)
        yield f"capture: {folder}"
    pictures = folder if wanted.save else Path(config.visualize_path) / folder.name
    if wanted.vis_2d or wanted.vis_3d:
        pictures.mkdir(parents=True, exist_ok=True)
        yield from draw(capture, config, wanted, pictures)


def draw(capture: Capture, config: Config, wanted: Wanted, folder: Path) -> Iterator[str]:
    """Make the pictures that are wanted."""
    from sparsedff.visualize.page import open_page
    from sparsedff.visualize.pictures.capture import draw_cloud, draw_views  # a second to import, and only needed here

    if wanted.vis_2d:
        draw_views(capture, folder / "views.png")
        yield f"picture: {folder / 'views.png'}"
    if wanted.vis_3d:
        box = config.distil.workspace
        for path in draw_cloud(capture, (box.x, box.y, box.z) if wanted.calibrated else None, folder):
            yield f"picture: {path}"
        open_page(folder / "cloud.html")


def stills(config: Config, folder: Path, keys: Iterable[str]) -> Iterator[str]:
    """One still per camera at each press of C, until Q; yields lines as they become true.

    Args:
        config: names the cameras and the board, of which is said how many corners each camera sees.
        folder: DIR; further stills go on where it ends.
        keys: pressed keys.

    Raises:
        SparseDFFError: no camera or one that fails; stills are there from all cameras or from none.
    """
    with cameras_of(config) as cameras:
        write_lenses(folder, cameras.each)
        yield f"{len(cameras.each)} cameras ready; C takes a still, Q ends"
        count = 0
        for key in keys:
            if key == QUIT:
                break
            if key == SHOOT:
                yield _still(cameras, folder, config.calibration.board)
                count += 1
    yield f"stills: {count} in {folder}" + (f"; next: sparsedff calibrate cameras {folder}" if count else "")


def _still(cameras: Cameras, folder: Path, board: Board) -> str:
    frames = cameras.read()
    name = next_name(folder, cameras.each)
    write_still(folder, name, cameras.each, frames)
    seen = (_corners(board, camera, frame) for camera, frame in zip(cameras.each, frames, strict=True))
    return f"{name}: board corners seen: {', '.join(seen)}"


def _corners(board: Board, camera: Camera, frame: Frame) -> str:
    grey = np.asarray(cv2.cvtColor(frame.color_rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return f"{camera.serial} {len(detect(board, grey))}"
