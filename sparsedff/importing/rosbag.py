"""ROS bags: of every camera with a camera_info, one colour and one registered depth image, and its pose from tf."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sparsedff.capture.files.serials import natural_order
from sparsedff.capture.model import Capture, View
from sparsedff.common.extras import missing
from sparsedff.errors import CaptureError
from sparsedff.files.opened import reason_of
from sparsedff.importing.frame_tree import FrameTree
from sparsedff.importing.settings import Wanted

WORLDS = ("table", "world", "map", "base_link")
"""Frames that are the table's where none is named, in this order."""

_INFO, _IMAGES = "CameraInfo", ("Image", "CompressedImage")
_REGISTERED = ("aligned_depth_to_color", "depth_registered", "depth_to_rgb", "depth_to_color")
_COLOR_ENCODINGS = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4}
_DEPTH_ENCODINGS = {"16UC1": ("u2", 0.001), "mono16": ("u2", 0.001), "32FC1": ("f4", 1.0)}


@dataclass(frozen=True)
class _Topics:
    """Topics of one camera: its lens, its colour images, its depth images registered to them."""

    info: str
    color: str
    depth: str


def read(source: Path, wanted: Wanted) -> Capture:
    """The capture of one moment of a bag.

    Raises:
        CaptureError: no bag, one that cannot be read, no camera with colour and registered depth, or no pose of it.
        MissingPackageError: rosbags is not installed.
    """
    try:
        from rosbags.highlevel import AnyReader
        from rosbags.typesys import Stores, get_typestore
    except ModuleNotFoundError:
        raise missing("rosbags") from None
    try:
        with AnyReader([source], default_typestore=get_typestore(Stores.ROS2_HUMBLE)) as bag:
            return _capture(bag, source, wanted)
    except CaptureError:
        raise
    except Exception as fault:  # whatever the reader of a strange file comes upon
        raise CaptureError(f"{source}: cannot be read as a ROS bag ({reason_of(fault)}); record it again") from None


def _capture(bag: Any, source: Path, wanted: Wanted) -> Capture:
    cameras = _cameras(bag, source)
    needed = {topic for camera in cameras.values() for topic in (camera.info, camera.color, camera.depth)}
    first, tree = _first_messages(bag, needed, wanted.at_s)
    absent = sorted(needed - first.keys())
    if absent:
        raise CaptureError(f"{source}: {absent[0]} has no message after {wanted.at_s:g} s; choose an earlier --at")
    world = wanted.world or next((frame for frame in WORLDS if frame in tree.frames), None)
    if world is None:
        there = ", ".join(sorted(tree.frames))
        raise CaptureError(f"{source}: no frame is the table's; name one with --world: {there}")
    views = []
    for name, topics in cameras.items():
        info, color, depth = (first[topic] for topic in (topics.info, topics.color, topics.depth))
        lens = np.array([*np.ravel(getattr(info, "d", getattr(info, "D", ()))), *np.zeros(8)])[:8]
        matrix = np.array(getattr(info, "k", getattr(info, "K", None)), dtype=np.float64).reshape(3, 3)
        pose = tree.target_from_source(world, color.header.frame_id, str(source))
        views.append(View(name, _color(color, topics.color), _depth(depth, topics.depth), matrix, lens, pose))
    return Capture(wanted.name, tuple(views))


def _cameras(bag: Any, source: Path) -> dict[str, _Topics]:
    """Cameras by name: the part of their topics that tells them apart."""
    kinds = {topic: str(info.msgtype).rpartition("/")[2] for topic, info in bag.topics.items()}
    images = [topic for topic, kind in kinds.items() if kind in _IMAGES]
    found = {}
    for info in natural_order([topic for topic, kind in kinds.items() if kind == _INFO]):
        place = info.rpartition("/")[0]
        parent = place.rpartition("/")[0]
        if any(word in place for word in ("depth", "infra")):
            continue
        colors = [topic for topic in images if topic.startswith(f"{place}/") and "depth" not in topic.lower()]
        depths = [t for t in images if t.startswith(f"{parent}/") and any(word in t for word in _REGISTERED)]
        if colors and depths:
            name = parent.strip("/").replace("/", "_") or "camera"
            found[name] = _Topics(info, sorted(colors, key=_rawness)[0], sorted(depths, key=_rawness)[0])
    if not found:
        raise CaptureError(
            f"{source}: no camera has camera_info, colour and depth registered to it ({', '.join(_REGISTERED)}); there "
            f"are {', '.join(sorted(kinds)) or 'no topics'}"
        )
    return found


def _rawness(topic: str) -> tuple[bool, str]:
    return "compressed" in topic, topic


def _first_messages(bag: Any, topics: set[str], at_s: float) -> tuple[dict[str, Any], FrameTree]:
    """The first message of each topic after a moment, and the frames, of which those of tf_static hold always."""
    found: dict[str, Any] = {}
    tree, begin = FrameTree(), bag.start_time + int(at_s * 1e9)
    for connection, when, message in _messages(bag, topics):
        if connection.topic.endswith(("/tf", "/tf_static")):
            tree.add(message.transforms)
        elif when >= begin:
            found.setdefault(connection.topic, message)
        if len(found) == len(topics) and when >= begin:
            break
    return found, tree


def _messages(bag: Any, topics: set[str]) -> Iterator[tuple[Any, int, Any]]:
    """tf_static first, since it may come late in a bag, then the rest in its order."""
    fixed = [each for each in bag.connections if each.topic.endswith("/tf_static")]
    moving = [each for each in bag.connections if each.topic in topics or each.topic.endswith("/tf")]
    for group in (fixed, moving):
        if group:
            for connection, when, raw in bag.messages(connections=group):
                yield connection, when, bag.deserialize(raw, connection.msgtype)


def _color(message: Any, topic: str) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB."""
    if not hasattr(message, "encoding"):
        bgr = cv2.imdecode(np.frombuffer(bytes(message.data), np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise CaptureError(f"{topic}: a compressed image that OpenCV cannot read; record raw images")
        return np.ascontiguousarray(np.asarray(bgr, dtype=np.uint8)[..., ::-1])
    channels = _COLOR_ENCODINGS.get(message.encoding)
    if channels is None:
        raise CaptureError(f"{topic}: encoding {message.encoding!r} is none of {', '.join(_COLOR_ENCODINGS)}")
    image = _rows(message, np.dtype(np.uint8)).reshape(message.height, message.width, channels)[..., :3]
    return np.ascontiguousarray(image if message.encoding.startswith("rgb") else image[..., ::-1])


def _depth(message: Any, topic: str) -> NDArray[np.float32]:
    """(H, W) [m], 0 = no reading."""
    kind, unit_m = _DEPTH_ENCODINGS.get(getattr(message, "encoding", ""), (None, 0.0))
    if kind is None:
        raise CaptureError(f"{topic}: depth must be {', '.join(_DEPTH_ENCODINGS)} and not compressed")
    order = ">" if message.is_bigendian else "<"
    depth = _rows(message, np.dtype(f"{order}{kind}")).astype(np.float64) * unit_m
    return np.where(np.isfinite(depth) & (depth > 0), depth, 0).astype(np.float32)


def _rows(message: Any, dtype: np.dtype) -> NDArray[Any]:
    """The image's rows without what pads them."""
    rows = np.frombuffer(bytes(message.data), np.uint8).reshape(message.height, message.step)
    pixels = rows[:, : message.step // dtype.itemsize * dtype.itemsize].copy().view(dtype)
    channels = max(1, pixels.shape[1] // message.width)
    return pixels[:, : channels * message.width]
