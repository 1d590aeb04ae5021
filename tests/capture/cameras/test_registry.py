"""Sources of cameras: what a name means, what an unknown one is told, and that a new one is a file and a line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sparsedff.capture.cameras.registry import SOURCES, source_files, source_kind
from sparsedff.common.registry import Entry
from sparsedff.config.config import load_config
from sparsedff.errors import CameraError
from sparsedff.jobs.cameras import cameras_of
from tests.support.paths import REPOSITORY

WEBCAM = """
import numpy as np
from sparsedff.capture.cameras.simulated import SimulatedCamera
from sparsedff.capture.model import RigCamera, View


def open_webcam(request):
    size, lens = (8, 6), np.array([[9.0, 0, 4], [0, 9, 3], [0, 0, 1]])
    camera = RigCamera("cam0", f"web{request.seed}", size, lens, np.zeros(8), np.eye(4))

    def take(shot):
        depth = np.full((6, 8), request.settings.timeout_s, np.float32)
        return View(camera.serial, np.zeros((6, 8, 3), np.uint8), depth, lens, np.zeros(8), np.eye(4))

    return [SimulatedCamera(camera, take)]
"""


@pytest.fixture
def webcam(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A new source, added as the registry's docstring says: one file, one line."""
    (tmp_path / "my_webcam.py").write_text(WEBCAM)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = dict(SOURCES._entries)
    SOURCES.add(Entry("webcam", "my_webcam:open_webcam", "the camera of this machine"))
    yield
    SOURCES._entries.clear()
    SOURCES._entries.update(before)
    sys.modules.pop("my_webcam", None)


def test_a_new_source_is_one_file_and_one_line(webcam: None) -> None:
    config = load_config(
        REPOSITORY / "configs" / "config.yaml", ["camera.source=webcam", "seed=7", "camera.timeout_s=2"]
    )
    with cameras_of(config) as cameras:
        assert [camera.serial for camera in cameras.each] == ["web7"]
        np.testing.assert_array_equal(cameras.read()[0].depth_m, 2)


@pytest.mark.parametrize(
    ("source", "kind"),
    [("kinect", "kinect"), ("simulated", "simulated"), ("a.mkv", "recordings"), ("x/a.MKV, b.mkv,", "recordings")],
)
def test_a_source_is_a_name_or_lists_recordings(source: str, kind: str) -> None:
    assert source_kind(source) == kind


@pytest.mark.parametrize("source", ["webcam", "", ",", "a.mkv,b.bag", "Kinect"])
def test_an_unknown_source_is_told_which_there_are(source: str) -> None:
    with pytest.raises(CameraError) as caught:
        source_kind(source)
    for entry in SOURCES:
        assert entry.name in str(caught.value) and entry.meaning in str(caught.value)
    assert str(caught.value).startswith(f"camera.source: {source!r} is not") and "\n" not in str(caught.value)


def test_the_files_of_a_source() -> None:
    assert source_files("x/a.mkv, b.mkv,") == [Path("x/a.mkv"), Path("b.mkv")]
