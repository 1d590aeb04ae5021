"""The layouts there are. One is read by `LAYOUTS.load(name)(source, wanted)`, which gives a Capture."""

from __future__ import annotations

from pathlib import Path

from sparsedff.common.registry import Entry, Registry
from sparsedff.errors import CaptureError

_HERE = "sparsedff.importing"
CAMERAS, TRANSFORMS, TRAJECTORY = "cameras.json", "transforms.json", "trajectory.log"

LAYOUTS: Registry = Registry(
    "layout",
    Entry("images", f"{_HERE}.images:read", f"{CAMERAS} beside PNG or EXR images"),
    Entry("nerfstudio", f"{_HERE}.nerfstudio:read", f"{TRANSFORMS} of nerfstudio, with depth"),
    Entry("redwood", f"{_HERE}.redwood:read", f"color/, depth/ and {TRAJECTORY}, as Open3D and Redwood"),
    Entry("rosbag", f"{_HERE}.rosbag:read", "a ROS 1 or ROS 2 bag"),
)


def layout_of(source: Path) -> str:
    """The layout that a source has, by the files that are in it.

    Raises:
        CaptureError: there is no such source, or it has none of the layouts.
    """
    if not source.exists():
        raise CaptureError(f"{source}: no such file or folder; check the path")
    marks = {"images": CAMERAS, "nerfstudio": TRANSFORMS, "redwood": "depth", "rosbag": "metadata.yaml"}
    for layout, mark in marks.items():
        if (source / mark).exists():
            return layout
    if source.suffix in (".bag", ".mcap", ".db3"):
        return "rosbag"
    raise CaptureError(f"{source}: has none of the layouts that can be imported: {LAYOUTS.meanings} (docs/files.md)")
