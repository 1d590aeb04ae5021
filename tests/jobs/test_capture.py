"""capture_3d.py and capture.py: what they write, and that a camera that fails leaves nothing behind."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sparsedff.calibration.stills import read_stills
from sparsedff.capture.files.capture_folder import load_capture
from sparsedff.capture.files.rig_files import load_rig, save_rig
from sparsedff.capture.model import Rig, RigCamera
from sparsedff.common.keys import key_presses
from sparsedff.geometry import inverse, look_at
from tests.support.commands import capture_3d, capture_stills
from tests.support.fake_k4a import Calibration, Capture, Device, K4AException, Library
from tests.support.paths import REPOSITORY

SERIALS = ("000001", "000002")
SMALL = "camera.simulated_width_px=160"


@pytest.fixture
def rig(tmp_path: Path) -> str:
    """Two calibrated cameras; the first has another lens than its factory's."""
    poses = [look_at(np.array([0.5, y, 0.6]), np.zeros(3)) for y in (-0.3, 0.3)]
    matrix = Calibration().get_camera_matrix(None) + np.array([[5, 0, 0], [0, 5, 0], [0, 0, 0]])
    cameras = [
        RigCamera(f"cam{i}", serial, (1280, 720), matrix, np.zeros(8), inverse(pose) @ poses[0])
        for i, (serial, pose) in enumerate(zip(SERIALS, poses, strict=True))
    ]
    save_rig(Rig(tuple(cameras), inverse(poses[0])), tmp_path / "rig")
    return f"extrinsics_path={tmp_path / 'rig'}"


def plug_in(monkeypatch: pytest.MonkeyPatch, *devices: Device) -> Library:
    library = Library(*devices)
    monkeypatch.setitem(sys.modules, "pyk4a", library)
    return library


def small(*arguments: str) -> list[str]:
    return [*arguments, "camera.color_resolution=720p", "camera.warmup_frames=[0,2]", "camera.timeout_s=0.3"]


def test_a_capture_of_devices_loads_with_the_rigs_lens_and_poses(monkeypatch, tmp_path, rig, capsys) -> None:
    library = plug_in(monkeypatch, *map(Device, SERIALS))
    folder = tmp_path / "new" / "cup"
    assert capture_3d(small("--save", "--path", str(folder), rig)) == 0
    assert f"capture: {folder}" in capsys.readouterr().out
    capture = load_capture(folder)
    expected = load_rig(tmp_path / "rig")
    assert [view.serial for view in capture.views] == list(SERIALS)
    for view in capture.views:
        np.testing.assert_allclose(view.world_from_camera, expected.world_from_camera(view.serial), atol=1e-9)
        assert view.intrinsics[0, 0] == 605
        np.testing.assert_allclose(view.depth_m, 0.9)
    assert not library.open_now


@pytest.mark.parametrize("moment", [0, 2])
def test_a_camera_unplugged_leaves_no_partial_capture(monkeypatch, tmp_path, rig, capsys, moment) -> None:
    def unplugged(shot: int) -> Capture:
        if shot >= moment:
            raise K4AException
        return Capture(time.monotonic())

    library = plug_in(monkeypatch, Device(SERIALS[0]), Device(SERIALS[1], unplugged))
    assert capture_3d(small("--save", "--vis_2d", "--path", str(tmp_path / "new" / "cup"), rig)) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and f"camera {SERIALS[1]}: has stopped answering" in said.err
    assert not (tmp_path / "new").exists() and not library.open_now


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--save", "--source", "webcam"], "camera.source: 'webcam' is not kinect, simulated or recordings"),
        (["--save", "--source", ""], "camera.source"),
        ([], "nothing to do; give --save, --vis_2d or --vis_3d"),
        (["--save", "extrinsics_path=nowhere"], "nowhere/calibration.json: no such file"),
        (["--save", "--path", "configs"], "configs: exists; captures are never overwritten"),
        (["--save", "camera.fps=7"], "camera.fps: 7 is not one of 5, 15, 30"),
        (["--save", "camera.white_balance_k=100"], "camera.white_balance_k: 100 is not allowed"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_2(monkeypatch, capsys, arguments, said) -> None:
    library = plug_in(monkeypatch, Device("000001"))
    assert capture_3d(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1 and said in printed.err and not printed.out
    assert not library.open_now


def test_a_camera_the_rig_does_not_know_is_named_before_anything_is_taken(monkeypatch, tmp_path, rig, capsys) -> None:
    library = plug_in(monkeypatch, Device("000003"))
    assert capture_3d(small("--save", "--path", str(tmp_path / "cup"), rig)) == 2
    error = capsys.readouterr().err
    assert "camera 000003 is not in the rig, which has 000001, 000002" in error and "--uncalibrated" in error
    assert not (tmp_path / "cup").exists() and not library.open_now
    assert capture_3d(small("--save", "--uncalibrated", "--path", str(tmp_path / "cup"))) == 0
    assert sorted(path.name for path in (tmp_path / "cup").iterdir()) == ["000003"]


def test_a_covered_camera_is_said(monkeypatch, tmp_path, rig, capsys) -> None:
    dark = Device(SERIALS[1], lambda shot: Capture(time.monotonic(), depth_mm=0))
    plug_in(monkeypatch, Device(SERIALS[0]), dark)
    assert capture_3d(small("--save", "--path", str(tmp_path / "cup"), rig)) == 2
    assert f"camera {SERIALS[1]}: saw no depth at all" in capsys.readouterr().err
    assert not (tmp_path / "cup").exists()


@pytest.mark.slow
def test_the_simulated_rig_is_captured_and_drawn(tmp_path, capsys) -> None:
    folder = tmp_path / "sim"
    assert capture_3d(["--save", "--vis_2d", "--vis_3d", "--source", "simulated", "--path", str(folder), SMALL]) == 0
    capture = load_capture(folder)
    assert len(capture.views) == 4 and capture.views[0].image_size == (160, 90)
    for file in ("views.png", "cloud.png", "cloud.html"):
        assert (folder / file).stat().st_size > 10_000
    assert "plotly" in (folder / "cloud.html").read_text()[:5000].lower()


def run_stills(folder: Path, keys: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/capture.py", "--save_dir", str(folder), "--source", "simulated", SMALL]
    return subprocess.run(command, input=keys, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_stills_are_what_calibration_reads_and_go_on_where_they_ended(tmp_path) -> None:
    done = run_stills(tmp_path / "stills", "c\nx\nc\nq\nc\n")
    assert done.returncode == 0, done.stderr
    assert "0001: board corners seen: 000299113912 0" in done.stdout and "stills: 2 in" in done.stdout
    run_stills(tmp_path / "stills", "c\n")
    cameras = read_stills(tmp_path / "stills")
    assert len(cameras) == 4
    for camera in cameras:
        assert list(camera.paths) == ["0000", "0001", "0002"] and camera.image_size == (160, 90)
        intrinsics, distortion = camera.factory_lens()
        assert intrinsics.shape == (3, 3) and distortion.any()
    other = [sys.executable, "scripts/capture.py", "--save_dir", str(tmp_path / "stills"), "--source", "simulated"]
    mixed = subprocess.run(other, input="c\n", cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert mixed.returncode == 2 and "holds stills of another lens or image size" in mixed.stderr


def test_a_still_that_cannot_be_written_everywhere_is_written_nowhere(monkeypatch, tmp_path, capsys) -> None:
    """The second camera's folder is a file's name away: its still cannot be written."""
    from sparsedff.jobs import stills

    plug_in(monkeypatch, *map(Device, SERIALS))
    write = stills.write_file

    def full(path: Path, content: bytes) -> None:
        if path.parent.name == SERIALS[1] and path.suffix == ".png":
            raise OSError(28, "No space left on device", str(path))
        write(path, content)

    monkeypatch.setattr(stills, "write_file", full)
    monkeypatch.setattr("sys.stdin", iter_input(["c"]))
    assert capture_stills(small("--save_dir", str(tmp_path / "stills"))) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert not list((tmp_path / "stills").rglob("*.png"))


class iter_input(list):
    def isatty(self) -> bool:
        return False


def test_keys_of_a_terminal_count_without_enter(monkeypatch) -> None:
    controller, terminal = pty.openpty()
    try:
        with os.fdopen(terminal, "r") as stdin:
            monkeypatch.setattr("sys.stdin", stdin)
            keys = key_presses()
            found = []
            for pressed in (b"C", b"\n", b"q", b"\x04"):
                # Keys are forgotten that come before somebody waits, so press until one is heard.
                import threading

                stop = threading.Event()

                def press(what: bytes = pressed, stop: threading.Event = stop) -> None:
                    while not stop.wait(0.05):
                        os.write(controller, what)

                thread = threading.Thread(target=press)
                thread.start()
                found.append(next(keys, None))
                stop.set()
                thread.join()
            assert found == ["c", "\n", "q", None]
    finally:
        os.close(controller)
