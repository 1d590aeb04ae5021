"""Captures as BOP scenes and back: one image a view, the capture's world as the scene's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sparsedff.bop.entries import world_from
from sparsedff.bop.frame import Frame, FrameCamera, Instance
from sparsedff.bop.images import read_color, read_depth, write_color, write_depth
from sparsedff.bop.scene_files import read_scene, write_scene
from sparsedff.capture.model import Capture, View
from sparsedff.errors import BopError
from sparsedff.geometry import inverse

FINE_M, COARSE_M = 0.0001, 0.001
"""Units of depth images; the fine one serves up to 6.5 m."""


def save_views(views: Sequence[View], scene: Path, instances: Sequence[Sequence[Instance]] = ()) -> list[Frame]:
    """Write views as images 0, 1, ... of a scene; returns what was said of them.

    Args:
        views: undistorted, because a BOP camera is a pinhole.
        scene: folder, which exists.
        instances: objects in each view; none annotates nothing.

    Raises:
        BopError: a view is distorted, or its depth goes beyond 65 m.
        OSError: the folder cannot be written to.
    """
    frames = []
    for im_id, view in enumerate(views):
        if view.distortion.any():
            raise BopError(f"view {view.serial}: its lens distorts, BOP's cameras do not; undistort it first")
        unit_m = FINE_M if view.depth_m.max(initial=0) < FINE_M * np.iinfo(np.uint16).max else COARSE_M
        camera = FrameCamera(np.array(view.intrinsics), unit_m, inverse(view.world_from_camera))
        frames.append(Frame(im_id, camera, tuple(instances[im_id]) if instances else ()))
        write_color(view.color_rgb, scene, im_id)
        write_depth(view.depth_m, scene, im_id, unit_m)
    write_scene(frames, scene)
    return frames


def load_views(scene: Path, im_ids: Sequence[int] | None = None, name: str | None = None) -> Capture:
    """Images of a scene as a capture; serials are their numbers.

    Args:
        scene: its folder.
        im_ids: which images; None takes all.
        name: of the capture; None takes the folder's.

    Raises:
        BopError: a file is missing or damaged, there is no such image, or there are several of which one has no pose.
    """
    frames = read_scene(scene)
    chosen = list(frames) if im_ids is None else list(dict.fromkeys(im_ids))
    for im_id in chosen:
        if im_id not in frames:
            raise BopError(f"{scene}: has no image {im_id}; there are {_range(list(frames))}")
        if len(chosen) > 1 and frames[im_id].camera.camera_from_world is None:
            raise BopError(f"{scene}: image {im_id} has no cam_R_w2c and cam_t_w2c; choose one image alone")
    if not chosen:
        raise BopError(f"{scene}: holds no image; check the path")
    return Capture(name or scene.resolve().name, tuple(view_of(scene, frames[im_id]) for im_id in chosen))


def view_of(scene: Path, frame: Frame) -> View:
    """One image of a scene as a view; without a pose its camera's frame is the world.

    Raises:
        BopError: an image is missing or damaged, or the two differ in size.
    """
    color = read_color(scene, frame.im_id)
    depth = read_depth(scene, frame.im_id, frame.camera.depth_unit_m)
    if depth.shape != color.shape[:2]:
        raise BopError(
            f"{scene}: image {frame.im_id}: depth {depth.shape} and colour {color.shape[:2]} differ in size; "
            "register depth to colour"
        )
    pose = world_from(frame.camera.camera_from_world)
    return View(f"{frame.im_id:06d}", color, depth, frame.camera.intrinsics, np.zeros(8), pose)


def _range(numbers: Sequence[int]) -> str:
    return f"{numbers[0]} to {numbers[-1]}" if numbers else "none"
