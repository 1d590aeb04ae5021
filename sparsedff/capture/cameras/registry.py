"""The sources of images that `camera.source` and `--source` can name.

A new one is a file with an opener, a function from a CameraRequest to the opened cameras, and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sparsedff.common.registry import Entry, Registry
from sparsedff.errors import CameraError

if TYPE_CHECKING:  # NumPy is not needed to say which sources there are
    from sparsedff.capture.cameras.base import Camera

SOURCES: Registry[Callable[..., Sequence[Camera]]] = Registry(
    "camera source",
    Entry("kinect", "sparsedff.capture.cameras.kinect:open_kinects", "all Azure Kinects"),
    Entry(
        "simulated",
        "sparsedff.synthetic.rendering.simulated_camera:open_simulated",
        "the rig before a rendered scene",
    ),
    Entry("recordings", "sparsedff.capture.cameras.recording:open_recordings", "FILE.mkv[,FILE.mkv...]"),
)


def source_kind(source: str) -> str:
    """The name in SOURCES that a source means: itself, or `recordings` where it lists files that end in .mkv.

    Raises:
        CameraError: it means none; lists those there are.
    """
    files = source_files(source)
    if files and all(path.suffix.lower() == ".mkv" for path in files):
        return "recordings"
    if source not in SOURCES.names:
        *names, last = SOURCES.names
        raise CameraError(f"camera.source: {source!r} is not {', '.join(names)} or {last} ({SOURCES.meanings})")
    return source


def source_files(source: str) -> list[Path]:
    """The files that a source lists, separated by commas."""
    return [Path(name.strip()) for name in source.split(",") if name.strip()]
