"""What is wrong with a capture folder is said in one line that names the file; unfinished writes leave nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sparsedff.capture.files.capture_folder import load_capture, save_capture
from sparsedff.capture.files.lookup import find_capture
from sparsedff.capture.model import Capture, View
from sparsedff.common.atomic import new_folder, write_file
from sparsedff.errors import CalibrationError, CaptureError
from tests.support.captures import make_capture
from tests.support.paths import REPOSITORY

SERIAL = "000005"


@pytest.fixture
def capture_folder(tmp_path: Path) -> Path:
    return save_capture(make_capture(2), tmp_path / "captures" / "toy")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def cut_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def pickled(path: Path) -> None:
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def bare_pickle(path: Path) -> None:
    np.load(path).dump(path)


def archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, np.zeros(3))


def giant(path: Path) -> None:
    """A header that promises 2 exabytes."""
    header = path.read_bytes()
    path.write_bytes(header.replace(b"(5, 7", b"(999999999, 999999999")[:200])


def store(array: np.ndarray) -> Callable[[Path], None]:
    return lambda path: np.save(path, array)


NAN_K = np.array([[5, 0, 3], [0, np.nan, 2], [0, 0, 1.0]])
FAULTS: list[tuple[str, Callable[[Path], None], type[Exception], str]] = [
    *[
        (name, fault, error, message)
        for name, error in (
            ("colors.npy", CaptureError),
            ("depth.npy", CaptureError),
            ("intrinsic.npy", CalibrationError),
            ("distortion.npy", CalibrationError),
        )
        for fault, message in (
            (truncate, "truncated or damaged"),
            (cut_header, "truncated or damaged"),
            (empty, r"is no \.npy file"),
            (pickled, "holds pickled objects, which are never loaded"),
            (bare_pickle, r"is no \.npy file .*pickled"),
            (archive, r"is no \.npy file"),
        )
    ],
    ("colors.npy", Path.unlink, CaptureError, "no such file"),
    ("depth.npy", Path.unlink, CaptureError, "no such file"),
    ("depth.npy", giant, CaptureError, "truncated or damaged"),
    ("colors.npy", store(np.zeros((5, 7, 3))), CaptureError, r"\(H, W, 3\) uint8 BGR, got \(5, 7, 3\) float64"),
    ("colors.npy", store(np.zeros((5, 7, 4), np.uint8)), CaptureError, r"got \(5, 7, 4\) uint8"),
    ("colors.npy", store(np.zeros((0, 7, 3), np.uint8)), CaptureError, r"got \(0, 7, 3\) uint8"),
    ("depth.npy", store(np.ones((5, 7), np.float32)), CaptureError, r"uint16 in millimetres, got \(5, 7\) float32"),
    ("depth.npy", store(np.ones((5, 7), np.int32)), CaptureError, "got .* int32"),
    ("depth.npy", store(np.ones((5, 7, 1), np.uint16)), CaptureError, r"got \(5, 7, 1\) uint16"),
    ("depth.npy", store(np.ones((5, 6), np.uint16)), CaptureError, "differs from colors.npy"),
    ("depth.npy", store(np.zeros((5, 7), np.uint16)), CaptureError, "zero everywhere"),
    ("intrinsic.npy", store(NAN_K), CalibrationError, "contain NaN"),
    ("intrinsic.npy", store(np.zeros((3, 3))), CalibrationError, "singular"),
    ("intrinsic.npy", store(np.eye(4)), CalibrationError, r"3x3, got shape \(4, 4\)"),
    ("intrinsic.npy", store(np.full((3, 3), "a")), CalibrationError, "must hold real numbers"),
    ("intrinsic.npy", store(np.eye(3) * 1j), CalibrationError, "must hold real numbers"),
    ("distortion.npy", store(np.zeros(6)), CalibrationError, "4, 5 or 8 finite numbers"),
    ("distortion.npy", store(np.full(8, np.inf)), CalibrationError, "4, 5 or 8 finite numbers"),
]


@pytest.mark.parametrize(("name", "fault", "error", "message"), FAULTS)
def test_bad_file(
    capture_folder: Path, name: str, fault: Callable[[Path], None], error: type[Exception], message: str
) -> None:
    path = capture_folder / SERIAL / name
    fault(path)
    with pytest.raises(error, match=message) as caught:
        load_capture(capture_folder)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_missing_camera_folder(capture_folder: Path) -> None:
    shutil.rmtree(capture_folder / SERIAL)
    with pytest.raises(CaptureError, match=f"toy/{SERIAL}: camera folder missing or empty"):
        load_capture(capture_folder)
    (capture_folder / "rig.yaml").unlink()
    with pytest.raises(CalibrationError, match="calibrates 2 cameras but there are 1 camera folders"):
        load_capture(capture_folder)


def test_camera_that_is_not_calibrated(capture_folder: Path) -> None:
    shutil.copytree(capture_folder / SERIAL, capture_folder / "777")
    with pytest.raises(CalibrationError, match="camera 777 is not in the rig, which has 000005, 000012"):
        load_capture(capture_folder)


def test_no_capture_at_all(capture_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="absent: no such capture folder"):
        load_capture(tmp_path / "absent")
    with pytest.raises(CaptureError, match="captures: holds no camera folder"):
        load_capture(capture_folder.parent)


def test_folders_without_camera_files_are_not_cameras(capture_folder: Path) -> None:
    (capture_folder / "notes").mkdir()
    shutil.copytree(capture_folder / SERIAL, capture_folder / ".hidden")
    assert len(load_capture(capture_folder).views) == 2


def test_nothing_is_overwritten(capture_folder: Path) -> None:
    before = sorted(path.stat().st_mtime_ns for path in capture_folder.rglob("*"))
    with pytest.raises(CaptureError, match="toy: exists; captures are never overwritten"):
        save_capture(make_capture(1, seed=9), capture_folder)
    assert before == sorted(path.stat().st_mtime_ns for path in capture_folder.rglob("*"))
    (capture_folder.parent / "empty").mkdir()
    with pytest.raises(CaptureError, match="exists"):
        save_capture(make_capture(1), capture_folder.parent / "empty")
    (capture_folder.parent / "dangling").symlink_to("nowhere")
    with pytest.raises(CaptureError, match="exists"):
        save_capture(make_capture(1), capture_folder.parent / "dangling")


def test_what_the_format_cannot_hold_is_refused(tmp_path: Path) -> None:
    view = make_capture(1).views[0]
    parts = {name: getattr(view, name) for name in ("color_rgb", "intrinsics", "distortion", "world_from_camera")}
    far = View(serial="far", depth_m=np.full(view.depth_m.shape, 65.6, np.float32), **parts)
    with pytest.raises(CaptureError, match=r"over 65\.5 m"):
        save_capture(Capture("c", (far,)), tmp_path / "c")
    for serial in ("../up", ".hidden", "a/b", ""):
        with pytest.raises((CaptureError, CalibrationError), match="cannot be a folder's name"):
            save_capture(Capture("c", (View(serial=serial, depth_m=view.depth_m, **parts),)), tmp_path / "c")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def full_disk(path: Path, array: np.ndarray) -> None:
        calls.append(path)
        if len(calls) == 6:  # in the second camera's folder
            raise OSError(28, "No space left on device")
        Path(path).write_bytes(b"half")

    monkeypatch.setattr(np, "save", full_disk)
    with pytest.raises(CaptureError, match=r"toy: cannot be written \(No space left on device\)"):
        save_capture(make_capture(2), tmp_path / "toy")
    assert len(calls) == 6 and list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CaptureError, match="cannot be written"):
        save_capture(make_capture(1), tmp_path / "toy")


def test_a_killed_writer_leaves_nothing_and_the_next_one_tidies_up(tmp_path: Path) -> None:
    # The child stops in mid-write, in the second camera's folder, says so, and is killed there.
    code = """
import sys, time
from pathlib import Path
import numpy as np
from sparsedff.capture.files.capture_folder import save_capture
from tests.support.captures import make_capture
save, count = np.save, 0
def slow(path, array):
    global count
    count += 1
    if count == 6:
        print("half", flush=True)
        time.sleep(60)
    save(path, array)
np.save = slow
save_capture(make_capture(2), Path(sys.argv[1]))
"""
    folder = tmp_path / "toy"
    child = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=REPOSITORY, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"half\n"
    (partial,) = tmp_path.iterdir()
    assert partial.name.startswith(".toy.") and not folder.exists()
    save_capture(make_capture(1), tmp_path / "other")  # another name, and a living writer of this one: both untouched
    with pytest.raises(CaptureError, match="there are: other;"):
        find_capture("toy", [tmp_path])
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert not folder.exists() and partial.exists()
    save_capture(make_capture(2), folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "toy"]
    assert len(load_capture(folder).views) == 2


def test_killed_at_any_moment_there_is_nothing_or_the_whole(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from sparsedff.capture.files.capture_folder import save_capture
from tests.support.captures import make_capture
capture = make_capture(2, 160, 120)
print("go", flush=True)
for index in range(10000):
    save_capture(capture, Path(sys.argv[1]) / f"toy{index}")
"""
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=REPOSITORY, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"go\n"
    time.sleep(0.6)
    child.kill()
    child.wait()
    child.stdout.close()
    whole = [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert whole
    for path in whole:
        assert len(load_capture(path).views) == 2
    assert len(list(tmp_path.iterdir())) - len(whole) <= 1


def test_a_living_writer_is_not_disturbed(tmp_path: Path) -> None:
    with new_folder(tmp_path / "toy") as mine:
        (mine / "file").write_text("mine")
        with pytest.raises(FileExistsError), new_folder(tmp_path / "toy") as theirs:
            (theirs / "file").write_text("theirs")
            (tmp_path / "toy").mkdir()  # somebody makes the folder in the meantime
        assert (mine / "file").exists() and not theirs.exists()
        (tmp_path / "toy").rmdir()
    assert (tmp_path / "toy" / "file").read_text() == "mine"


def test_write_file_replaces_or_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_file(path, "one")
    write_file(path, b"two")
    assert path.read_text() == "two"
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError):
        write_file(path, "three")
    assert path.read_text() == "two" and list(tmp_path.iterdir()) == [path]
