"""A rig's calibration on disk: calibration.json (multical's layout), transform.yaml and rig.yaml <-> Rig.

Directions: calibration.json holds x_camJ = R x_cam0 + T [m]; transform.yaml holds x_cam0 = R x_table + t [m] with the
quaternion in x, y, z, w order. rig.yaml is ours: `serials: {cam0: "000299113912", ...}` says which camera is which.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.spatial.transform import Rotation

from sparsedff.capture.files.entries import child, numbers, read_document
from sparsedff.capture.files.serials import SERIALS, in_order, read_serials
from sparsedff.capture.model import Rig, RigCamera
from sparsedff.common.atomic import write_file
from sparsedff.errors import CalibrationError
from sparsedff.geometry import Float, check_rigid, nearest_rotation, rotation_from_quaternion, transform

CALIBRATION, TRANSFORM = "calibration.json", "transform.yaml"


def load_rig(folder: Path | str, serials: Sequence[str] | Mapping[str, str] | None = None) -> Rig:
    """Read a rig folder.

    Args:
        folder: holds calibration.json, transform.yaml and, as a rule, rig.yaml.
        serials: camera name -> serial, which wins over rig.yaml; or a list of serials, which serves where there is no
            rig.yaml: in natural order they are cam0, cam1, ... Without either, cameras are called by their names.

    Returns:
        The cameras that have a serial; calibrated cameras that rig.yaml leaves out are not part of the rig.

    Raises:
        CalibrationError: anything missing, malformed, singular or contradictory; names file and entry.
    """
    cameras = load_cameras(folder, serials)
    return Rig(cameras=cameras, cam0_from_world=_cam0_from_world(Path(folder) / TRANSFORM))


def load_cameras(folder: Path | str, serials: Sequence[str] | Mapping[str, str] | None = None) -> tuple[RigCamera, ...]:
    """The cameras of `load_rig` alone, for a rig whose table is not known yet: transform.yaml is not read.

    Raises:
        CalibrationError: as `load_rig`.
    """
    folder = Path(folder)
    path = folder / CALIBRATION
    document = read_document(path)
    cameras = child(document, "cameras", path, "")
    poses = child(document, "camera_poses", path, "")
    if not isinstance(cameras, dict) or not cameras:
        raise CalibrationError(f"{path}: cameras: names no camera; calibrate the rig")
    serial_by_name: Mapping[str, str]
    if isinstance(serials, Mapping):
        serial_by_name = serials
    else:
        serial_by_name = read_serials(folder) or in_order(list(cameras), serials, path)
    missing = [name for name in serial_by_name if name not in cameras]
    if missing:
        raise CalibrationError(f"{path}: cameras.{missing[0]}: missing, but rig.yaml names it; calibrate it or drop it")
    return tuple(_camera(name, serial, cameras[name], poses, path) for name, serial in serial_by_name.items())


def _camera(name: str, serial: str, entry: Any, poses: Any, path: Path) -> RigCamera:
    where = f"cameras.{name}"
    size = numbers(child(entry, "image_size", path, where), (2,), path, f"{where}.image_size")
    if (size < 1).any() or (size != np.round(size)).any():
        raise CalibrationError(f"{path}: {where}.image_size: must be [width, height] in pixels, got {size.tolist()}")
    pose_key = "cam0" if name == "cam0" else f"{name}_to_cam0"
    pose, pose_where = child(poses, pose_key, path, "camera_poses"), f"camera_poses.{pose_key}"
    camera_from_cam0 = transform(
        numbers(child(pose, "R", path, pose_where), (3, 3), path, f"{pose_where}.R"),
        numbers(child(pose, "T", path, pose_where), (3,), path, f"{pose_where}.T"),
    )
    camera_from_cam0 = _exactly_rigid(camera_from_cam0, f"{path}: {pose_where}.R")
    if name == "cam0" and not np.allclose(camera_from_cam0, np.eye(4), atol=1e-6):
        raise CalibrationError(f"{path}: {pose_where}: must be the identity, all poses are relative to cam0")
    try:
        return RigCamera(
            name=name,
            serial=serial,
            image_size=(int(size[0]), int(size[1])),
            intrinsics=numbers(child(entry, "K", path, where), (3, 3), path, f"{where}.K"),
            distortion=numbers(child(entry, "dist", path, where), None, path, f"{where}.dist"),
            camera_from_cam0=camera_from_cam0,
        )
    except CalibrationError as error:
        raise error if str(error).startswith(str(path)) else CalibrationError(f"{path}: {error}") from None


def _exactly_rigid(target_from_source: Float, what: str) -> Float:
    """The nearest rigid transform: written rotations are off by their rounding, and inverses would add that up."""
    return transform(nearest_rotation(check_rigid(target_from_source, what)[:3, :3]), target_from_source[:3, 3])


def _cam0_from_world(path: Path) -> Float:
    pose = child(read_document(path), "pose", path, "")
    parts: dict[str, Float] = {}
    for key, axes in (("position", "xyz"), ("orientation", "xyzw")):
        entry = child(pose, key, path, "pose")
        values = [child(entry, axis, path, f"pose.{key}") for axis in axes]
        parts[key] = numbers(values, (len(axes),), path, f"pose.{key}")
    try:
        return transform(rotation_from_quaternion(parts["orientation"]), parts["position"])
    except CalibrationError as error:
        raise CalibrationError(f"{path}: pose.orientation: {error}") from None


def load_cam2base(folder: Path | str) -> Float:
    """base_from_cam0 (4, 4) [m]: cam0 in the robot's base frame, `cam2base` of transform.yaml (a 4x4 as a string).

    The published code adds this translation, in metres, to a table pose in millimetres; here both are metres.

    Raises:
        CalibrationError: there is none, or it is not a 4x4 of finite numbers with the last row 0 0 0 1.
    """
    path = Path(folder) / TRANSFORM
    text = child(read_document(path), "cam2base", path, "")
    words = re.sub(r"[\[\],]", " ", text).split() if isinstance(text, str) else text
    try:
        values = np.array(words, dtype=np.float64).reshape(4, 4)
    except (ValueError, TypeError):
        raise CalibrationError(f"{path}: cam2base: must be the 16 numbers of a 4x4 matrix, got {text!r}") from None
    if not np.isfinite(values).all() or not np.allclose(values[3], (0, 0, 0, 1)):
        raise CalibrationError(f"{path}: cam2base: must be finite with the last row 0 0 0 1, got {values.tolist()}")
    return values


def save_rig(rig: Rig, folder: Path | str, cam2base: Float | None = None) -> None:
    """Write calibration.json, transform.yaml and rig.yaml; each file is replaced at once or not at all.

    A `cam2base` (4, 4) [m] that the folder's transform.yaml already has stays unless a new one is given.
    """
    save_table(rig.cam0_from_world, folder, cam2base)
    save_cameras(rig.cameras, folder)


def save_cameras(cameras: Sequence[RigCamera], folder: Path | str) -> None:
    """Write calibration.json and rig.yaml; a transform.yaml beside them stays as it is."""
    entries, poses = {}, {}
    for camera in cameras:
        entries[camera.name] = {
            "model": "rational",
            "image_size": list(camera.image_size),
            "K": camera.intrinsics.tolist(),
            "dist": [camera.distortion.tolist()],
        }
        pose = camera.camera_from_cam0
        poses["cam0" if camera.name == "cam0" else f"{camera.name}_to_cam0"] = {
            "R": pose[:3, :3].tolist(),
            "T": pose[:3, 3].tolist(),
        }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / CALIBRATION, json.dumps({"cameras": entries, "camera_poses": poses}, indent=2) + "\n")
    names = {camera.name: camera.serial for camera in cameras}
    write_file(folder / SERIALS, yaml.safe_dump({"serials": names}, sort_keys=False))


def save_table(cam0_from_world: Float, folder: Path | str, cam2base: Float | None = None) -> None:
    """Write transform.yaml; a `cam2base` (4, 4) [m] that it already has stays unless a new one is given."""
    folder = Path(folder)
    if cam2base is None and (folder / TRANSFORM).exists() and "cam2base" in read_document(folder / TRANSFORM):
        cam2base = load_cam2base(folder)
    position = dict(zip("xyz", cam0_from_world[:3, 3].tolist(), strict=True))
    quaternion = Rotation.from_matrix(cam0_from_world[:3, :3]).as_quat(canonical=True)
    orientation = dict(zip("xyzw", quaternion.tolist(), strict=True))
    table: dict[str, Any] = {"pose": {"position": position, "orientation": orientation}}
    if cam2base is not None:
        table = {"cam2base": str([list(map(float, row)) for row in cam2base]), **table}
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / TRANSFORM, yaml.safe_dump(table, sort_keys=False))
