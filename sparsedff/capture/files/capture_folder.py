"""Capture folders: NAME/SERIAL/{colors,depth,intrinsic,distortion[,points]}.npy with the rig's files beside them.

On disk colours are BGR and depth is in millimetres; a Capture is RGB and metres. No millimetres leave this package.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from sparsedff.capture.files.camera_folder import read_color, read_depth, read_distortion, read_intrinsics
from sparsedff.capture.files.lookup import camera_folders, find_capture
from sparsedff.capture.files.rig_files import CALIBRATION, TRANSFORM, load_rig, save_rig
from sparsedff.capture.files.serials import is_folder_name, read_serials
from sparsedff.capture.lens import depth_to_points
from sparsedff.capture.model import Capture, Rig, RigCamera, View
from sparsedff.capture.plausible import check_plausible
from sparsedff.common.atomic import new_folder
from sparsedff.errors import CalibrationError, CaptureError
from sparsedff.geometry import Float, inverse

__all__ = ["find_capture", "load_capture", "rig_from_views", "save_capture"]

# Depth is uint16 and points int16 millimetres on disk, which ends at 65.5 m and 32.7 m.
_MM_PER_M = 1000.0


def load_capture(folder: Path | str, rig_folder: Path | str | None = None) -> Capture:
    """Read a capture folder.

    Args:
        folder: NAME, with one folder per camera.
        rig_folder: calibration for a capture that carries none of its own.

    Raises:
        CaptureError: no folder, no camera, a camera's folder or file missing, damaged or empty; names the file.
        CalibrationError: no calibration, or one that is malformed, singular or of other cameras; names the file.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CaptureError(f"{folder}: no such capture folder; check the path")
    found = camera_folders(folder)
    rig = _rig_of(folder, found, Path(rig_folder) if rig_folder is not None else None)
    for serial in found:
        rig.camera(serial)  # a folder of an uncalibrated camera is an error, not a view less
    for camera in rig.cameras:
        if camera.serial not in found:
            raise CaptureError(
                f"{folder / camera.serial}: camera folder missing or empty ({camera.name} of the rig); restore it, or "
                f"name in {folder / 'rig.yaml'} only the cameras that are there"
            )
    views = tuple(_view(folder, camera, rig) for camera in rig.cameras)
    check_plausible(views, str(folder))
    return Capture(name=folder.resolve().name, views=views, path=folder)


def _rig_of(folder: Path, found: list[str], rig_folder: Path | None) -> Rig:
    """The capture's own calibration, else the rig folder's, with the cameras assigned to this capture's serials."""
    if not found:
        raise CaptureError(f"{folder}: holds no camera folder; a capture is NAME/SERIAL/colors.npy and so on")
    own = [name for name in (CALIBRATION, TRANSFORM) if (folder / name).exists()]
    if len(own) == 1:
        other = TRANSFORM if own == [CALIBRATION] else CALIBRATION
        raise CalibrationError(f"{folder / other}: no such file, but {own[0]} is there; a capture has both or neither")
    calibration_folder = folder if own else rig_folder
    if calibration_folder is None:
        raise CalibrationError(f"{folder / CALIBRATION}: no such file; copy the rig's calibration there or name a rig")
    serials = read_serials(folder)
    if serials is None and rig_folder is not None:
        serials = read_serials(rig_folder)
        # Another rig's serials say nothing about a capture that carries its own calibration. Without one they do:
        # load_capture then refuses the camera that the rig does not know.
        if own and serials is not None and not set(found) <= set(serials.values()):
            serials = None
    return load_rig(calibration_folder, serials if serials is not None else found)


def _view(folder: Path, camera: RigCamera, rig: Rig) -> View:
    path = folder / camera.serial
    color, depth = read_color(path / "colors.npy"), read_depth(path / "depth.npy")
    if depth.shape != color.shape[:2]:
        raise CaptureError(
            f"{path / 'depth.npy'}: size {depth.shape} differs from colors.npy {color.shape[:2]}; "
            "depth must be registered to colour"
        )
    intrinsics, distortion = path / "intrinsic.npy", path / "distortion.npy"
    width, height = color.shape[1], color.shape[0]
    return View(
        serial=camera.serial,
        color_rgb=color,
        depth_m=depth,
        intrinsics=read_intrinsics(intrinsics) if intrinsics.exists() else _scaled(camera, (width, height), intrinsics),
        distortion=read_distortion(distortion) if distortion.exists() else camera.distortion,
        world_from_camera=rig.world_from_camera(camera.serial),
    )


def _scaled(camera: RigCamera, image_size: tuple[int, int], missing: Path) -> Float:
    """The rig's intrinsics at another image size; pixel centres are integers, so -0.5 is the image's edge."""
    scale = np.array(image_size) / camera.image_size
    if abs(scale[0] / scale[1] - 1) > 0.01:  # another aspect ratio is another crop of the sensor, which is unknown
        raise CalibrationError(
            f"{missing}: no such file, and the rig's {camera.image_size} cannot be scaled to this image's {image_size}"
        )
    matrix = np.array(camera.intrinsics)
    matrix[:2, 2] += 0.5
    matrix[:2] *= scale[:, None]
    matrix[:2, 2] -= 0.5
    return matrix


def rig_from_views(capture: Capture) -> Rig:
    """The rig that a capture's views imply: camJ in order of the views, cam0 the first."""
    cam0_from_world = inverse(capture.views[0].world_from_camera)
    cameras = [
        RigCamera(
            name=f"cam{index}",
            serial=view.serial,
            image_size=view.image_size,
            intrinsics=view.intrinsics,
            distortion=view.distortion,
            camera_from_cam0=inverse(view.world_from_camera) @ inverse(cam0_from_world) if index else np.eye(4),
        )
        for index, view in enumerate(capture.views)
    ]
    return Rig(cameras=tuple(cameras), cam0_from_world=cam0_from_world)


def save_capture(
    capture: Capture, folder: Path | str, rig: Rig | None = None, points: bool = False, calibration: bool = True
) -> Path:
    """Write a capture that carries its own calibration: the whole folder appears at once or not at all.

    Args:
        capture: what to write; its views' poses must be those of the rig.
        folder: NAME; must not exist.
        rig: the calibration to write; None writes what the views imply.
        points: write points.npy as well, (H, W, 3) int16 [mm] in the camera frame (derivable, twice colour's size).
        calibration: off leaves calibration and poses out, for captures taken before there are any.

    Raises:
        CaptureError: the folder exists, cannot be written, or a serial is no folder name, or depth is over 65.5 m.
        CalibrationError: the rig lacks a camera or contradicts a view's pose.
    """
    folder = Path(folder)
    rig = _rig_for(capture, rig) if rig is not None else rig_from_views(capture)
    for view in capture.views:
        if not is_folder_name(view.serial):
            raise CaptureError(f"capture {capture.name}: serial {view.serial!r} cannot be a folder's name; rename it")
        if np.round(view.depth_m.max() * _MM_PER_M) > np.iinfo(np.uint16).max:
            raise CaptureError(f"view {view.serial}: depth over 65.5 m does not fit into millimetres as uint16")
    try:
        with new_folder(folder) as partial:
            if calibration:
                save_rig(rig, partial)
            for view in capture.views:
                _write_view(view, partial / view.serial, points)
    except FileExistsError:
        raise CaptureError(f"{folder}: exists; captures are never overwritten, choose another name") from None
    except OSError as error:
        raise CaptureError(f"{folder}: cannot be written ({error.strerror or error}); check rights and space") from None
    return folder


def _rig_for(capture: Capture, rig: Rig) -> Rig:
    """The part of the rig that this capture has; a camera without a folder would read as a missing one."""
    serials = {view.serial for view in capture.views}
    for view in capture.views:
        if not np.allclose(rig.world_from_camera(view.serial), view.world_from_camera, atol=1e-6):
            raise CalibrationError(
                f"view {view.serial}: its pose is not the rig's; save it with the rig it was taken by"
            )
    return Rig(tuple(camera for camera in rig.cameras if camera.serial in serials), rig.cam0_from_world)


def _write_view(view: View, path: Path, points: bool) -> None:
    path.mkdir()
    bgr = np.ascontiguousarray(view.color_rgb[..., ::-1])
    np.save(path / "colors.npy", bgr)
    np.save(path / "depth.npy", np.round(view.depth_m * _MM_PER_M).astype(np.uint16))
    np.save(path / "intrinsic.npy", view.intrinsics)
    np.save(path / "distortion.npy", view.distortion)
    encoded, png = cv2.imencode(".png", bgr)
    if not encoded:
        raise OSError(f"colors.png of {view.serial} could not be encoded")
    (path / "colors.png").write_bytes(png.tobytes())
    if points:
        points_mm = np.round(depth_to_points(view.depth_m, view.intrinsics, view.distortion) * _MM_PER_M)
        points_mm[(np.abs(points_mm) > np.iinfo(np.int16).max).any(axis=-1)] = 0  # out of the format's range
        np.save(path / "points.npy", points_mm.astype(np.int16))
