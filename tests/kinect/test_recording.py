"""The real Azure Kinect library on a real recording. `make test-kinect` runs this; elsewhere it skips and says why."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sparsedff.capture.cameras.group import Cameras
from sparsedff.capture.cameras.recording import open_recordings, serial_of
from sparsedff.capture.cameras.request import CameraRequest
from sparsedff.capture.cameras.settings import CameraSettings
from sparsedff.capture.files.capture_folder import load_capture, save_capture
from sparsedff.capture.model import Rig, RigCamera
from sparsedff.capture.shot import take_capture
from sparsedff.distill.undistort import undistort
from sparsedff.errors import CameraError
from sparsedff.geometry import backproject, transform

REPOSITORY = Path(__file__).parents[2]
RECORDING = REPOSITORY.parent / "shared" / "data" / "kinect" / "recording.mkv"
SERIAL = "001514394512"

try:
    import pyk4a
except Exception:  # absent, or built against another NumPy
    pytest.skip("pyk4a does not load here; make test-kinect", allow_module_level=True)
if not RECORDING.exists():
    pytest.skip("../shared/data/kinect (a real recording) is absent", allow_module_level=True)


def cameras(registration: str, *paths: Path) -> Cameras:
    source = ",".join(map(str, paths or (RECORDING,)))
    request = CameraRequest(CameraSettings(source=source, registration=registration), Path())
    return Cameras(lambda: open_recordings(request), 1.0)


@pytest.fixture(scope="module")
def own():
    with cameras("own") as opened:
        camera = opened.each[0]
        return camera, opened.read()[0]


def test_the_recording_is_a_camera(own) -> None:
    camera, frame = own
    assert camera.serial == SERIAL == serial_of(RECORDING)
    assert camera.image_size == (1280, 720)
    assert frame.color_rgb.shape == (720, 1280, 3) and frame.depth_m.shape == (720, 1280)
    assert 600 < camera.intrinsics[0, 0] < 620 and camera.distortion.any()
    # A red sticker behind the cup: RGB, not BGR.
    sticker = frame.color_rgb[425:455, 545:640].reshape(-1, 3).astype(int)
    assert (sticker[:, 0] - sticker[:, 2]).max() > 60 > (sticker[:, 2] - sticker[:, 0]).max()


def test_registration_agrees_with_the_library_s(own) -> None:
    try:
        with cameras("sdk") as opened:
            sdk = opened.read()[0].depth_m
    except CameraError as error:
        assert "OpenGL" in str(error)
        pytest.skip("the library registers depth by OpenGL, for which there is no display here; xvfb-run has one")
    depth = own[1].depth_m
    both = (sdk > 0) & (depth > 0)
    apart_mm = 1000 * np.abs(sdk - depth)[both]
    print(f"both {both.mean():.3f}, median {np.median(apart_mm):.2f} mm, 95 % {np.quantile(apart_mm, 0.95):.2f} mm")
    assert both.mean() > 0.5
    assert np.median(apart_mm) < 2
    assert np.quantile(apart_mm, 0.95) < 5
    assert ((sdk > 0) != (depth > 0)).mean() < 0.01


def test_a_capture_of_it_loads_undistorts_and_back_projects(tmp_path) -> None:
    with cameras("own") as opened:
        one = opened.each[0]
        lens = one.intrinsics, one.distortion
        rig = Rig((RigCamera("cam0", SERIAL, one.image_size, *lens, np.eye(4)),), transform(np.eye(3), np.zeros(3)))
        save_capture(take_capture(opened, rig, "cup"), tmp_path / "cup", rig)
    view = undistort(load_capture(tmp_path / "cup").views[0])
    assert not view.distortion.any() and view.serial == SERIAL
    points = backproject(view.depth_m, view.intrinsics)
    seen = view.depth_m > 0
    assert 0.5 < seen.mean() < 0.7
    assert view.depth_m[seen].min() > 0.15 and view.depth_m.max() < 2.5  # a desk and the room behind it
    # The wall under the window is flat, and so is the desk; a wrong lens would bend them.
    for rows, columns, most_mm in ((slice(540, 620), slice(620, 920), 4.0), (slice(660, 715), slice(260, 520), 3.0)):
        patch = points[rows, columns][seen[rows, columns]]
        assert len(patch) > 5000
        away = (patch - patch.mean(axis=0)) @ np.linalg.svd(patch - patch.mean(axis=0), full_matrices=False)[2][2]
        print(f"plane of {len(patch)} points: median {1000 * np.median(np.abs(away)):.2f} mm")
        assert 1000 * np.median(np.abs(away)) < most_mm


def test_the_end_of_a_recording_is_said_and_the_file_closed() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with cameras("own") as opened:
        frame = opened.read()[0]
        with pytest.raises(CameraError, match=r"recording.mkv: the recording is at its end after 1 frames"):
            opened.read()
    assert opened.each == () and frame.time_s > 0
    assert len(os.listdir("/proc/self/fd")) == before


def test_files_that_are_none_are_named(tmp_path) -> None:
    wrong = {"text.mkv": b"no recording", "empty.mkv": b"", "half.mkv": RECORDING.read_bytes()[:3000]}
    for name, content in wrong.items():
        (tmp_path / name).write_bytes(content)
        with (
            pytest.raises(CameraError, match=rf"{name}: cannot be read as a recording"),
            cameras("own", tmp_path / name),
        ):
            pass
    with pytest.raises(CameraError, match=r"absent.mkv: no such recording"), cameras("own", tmp_path / "absent.mkv"):
        pass
    with pytest.raises(CameraError, match=f"camera {SERIAL}: is there twice"), cameras("own", RECORDING, RECORDING):
        pass


def script(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/capture_3d.py", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_without_a_camera_the_script_says_so_in_one_line(tmp_path) -> None:
    if pyk4a.connected_device_count():
        pytest.skip("there is a camera")
    done = script("--save", "--path", str(tmp_path / "new"))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and "no camera found" in done.stderr
    assert not (tmp_path / "new").exists()


def test_the_script_captures_a_recording_before_calibration(tmp_path) -> None:
    source = ("--source", str(RECORDING), "--path", str(tmp_path / "new"))
    refused = script("--save", *source)
    assert refused.returncode == 2 and f"camera {SERIAL} is not in the rig" in refused.stderr
    assert not list(tmp_path.iterdir())
    done = script("--save", "--vis_2d", "--uncalibrated", *source)
    assert done.returncode == 0, done.stderr
    files = {path.name for path in (tmp_path / "new").rglob("*") if path.is_file()}
    assert files == {"colors.npy", "colors.png", "depth.npy", "intrinsic.npy", "distortion.npy", "views.png"}


def test_nothing_of_this_needs_torch() -> None:
    code = "import sys, sparsedff.jobs.capture, sparsedff.visualize.pictures.capture; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_commands_that_need_torch_say_where_to_run_them() -> None:
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError:
        command = [sys.executable, "-m", "sparsedff.cli", "check", "monkey_test"]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        assert done.returncode == 2 and done.stderr.count("\n") == 1
        assert "needs torch, which requirements-camera.txt leaves out" in done.stderr
    else:
        pytest.skip("torch is installed here")
