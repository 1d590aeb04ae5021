"""scene_camera.json, scene_gt.json and scene_gt_info.json of a scene's folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sparsedff.bop.entries import M_PER_MM, REMEDY, identifier, number, numbers, rigid, rigid_entries, whole
from sparsedff.bop.frame import Box, Frame, FrameCamera, Instance, Visibility
from sparsedff.common.atomic import write_file
from sparsedff.errors import BopError, CalibrationError
from sparsedff.files.json_file import read_object
from sparsedff.geometry import check_intrinsics

CAMERA, TRUTH, INFO = "scene_camera.json", "scene_gt.json", "scene_gt_info.json"


def read_scene(folder: Path) -> dict[int, Frame]:
    """The images of a scene by their number, in ascending order.

    Without scene_gt.json, as in sets whose truth is private, no object is annotated.

    Raises:
        BopError: a file is missing, damaged or contradicts another; names file and entry.
    """
    cameras = _by_image(folder / CAMERA)
    truths = _by_image(folder / TRUTH) if (folder / TRUTH).exists() else {}
    infos = _by_image(folder / INFO) if truths and (folder / INFO).exists() else {}
    stray = sorted(set(truths) - set(cameras))
    if stray:
        raise BopError(f"{folder / TRUTH}: annotates image {stray[0]}, which {CAMERA} does not have; {REMEDY}")
    frames = {}
    for im_id in sorted(cameras):
        camera = _camera(cameras[im_id], f"{folder / CAMERA}: {im_id}")
        entries = _listed(truths.get(im_id, []), f"{folder / TRUTH}: {im_id}")
        known = infos.get(im_id)
        seen = [None] * len(entries) if known is None else _listed(known, f"{folder / INFO}: {im_id}")
        if len(seen) != len(entries):
            raise BopError(f"{folder / INFO}: {im_id}: has {len(seen)} entries, {TRUTH} has {len(entries)}; {REMEDY}")
        instances = tuple(
            _instance(entry, info, folder, f"{im_id}[{index}]")
            for index, (entry, info) in enumerate(zip(entries, seen, strict=True))
        )
        frames[im_id] = Frame(im_id, camera, instances)
    return frames


def write_scene(frames: Iterable[Frame], folder: Path) -> None:
    """Write the three files into a folder that exists; what an image does not know is left out.

    Raises:
        OSError: it cannot be written to.
    """
    cameras: dict[str, Any] = {}
    truths: dict[str, Any] = {}
    infos: dict[str, Any] = {}
    for frame in frames:
        name = str(frame.im_id)
        cameras[name] = _camera_entry(frame.camera)
        truths[name] = [
            {"obj_id": one.obj_id, **rigid_entries(one.camera_from_model, "cam_R_m2c", "cam_t_m2c")}
            for one in frame.instances
        ]
        known = [one.visibility for one in frame.instances if one.visibility is not None]
        if len(known) == len(frame.instances):
            infos[name] = [asdict(visibility) for visibility in known]
    for file, content in ((CAMERA, cameras), (TRUTH, truths), (INFO, infos)):
        write_file(folder / file, json.dumps(content, indent=1) + "\n")


def _by_image(path: Path) -> dict[int, Any]:
    entries = read_object(path, BopError, REMEDY)
    return {identifier(key, str(path)): value for key, value in entries.items()}


def _listed(entries: Any, where: str) -> list[Any]:
    if not isinstance(entries, list):
        raise BopError(f"{where}: must be a list, one entry per object, got {type(entries).__name__}; {REMEDY}")
    return entries


def _camera(entry: Any, where: str) -> FrameCamera:
    try:
        intrinsics = check_intrinsics(numbers(entry, "cam_K", (3, 3), where), where)
    except CalibrationError as error:
        raise BopError(f"{error}; {REMEDY}") from None
    unit_m = M_PER_MM * (number(entry, "depth_scale", where) if "depth_scale" in entry else 1.0)
    if unit_m <= 0:
        raise BopError(f"{where}.depth_scale: must be above 0, got {unit_m / M_PER_MM:g}; {REMEDY}")
    posed = "cam_R_w2c" in entry and "cam_t_w2c" in entry
    return FrameCamera(intrinsics, unit_m, rigid(entry, "cam_R_w2c", "cam_t_w2c", where) if posed else None)


def _camera_entry(camera: FrameCamera) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "cam_K": camera.intrinsics.reshape(-1).tolist(),
        "depth_scale": round(camera.depth_unit_m / M_PER_MM, 9),
    }
    if camera.camera_from_world is not None:
        entry |= rigid_entries(camera.camera_from_world, "cam_R_w2c", "cam_t_w2c")
    return entry


def _instance(entry: Any, info: Any, folder: Path, place: str) -> Instance:
    where = f"{folder / TRUTH}: {place}"
    obj_id = whole(entry, "obj_id", where)
    pose = rigid(entry, "cam_R_m2c", "cam_t_m2c", where)
    return Instance(obj_id, pose, None if info is None else _visibility(info, f"{folder / INFO}: {place}"))


def _visibility(entry: Any, where: str) -> Visibility:
    return Visibility(
        _box(entry, "bbox_obj", where),
        _box(entry, "bbox_visib", where),
        whole(entry, "px_count_all", where),
        whole(entry, "px_count_valid", where),
        whole(entry, "px_count_visib", where),
        number(entry, "visib_fract", where),
    )


def _box(entry: Any, key: str, where: str) -> Box:
    left, upper, width, height = (int(value) for value in numbers(entry, key, (4,), where))
    return left, upper, width, height
