"""Azure Kinects behind a stand-in for their library: order, time, sync, errors, and that devices are given back."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sparsedff.capture.cameras import kinect_library
from sparsedff.capture.cameras.group import Cameras
from sparsedff.capture.cameras.kinect import open_kinects
from sparsedff.capture.cameras.request import CameraRequest
from sparsedff.capture.cameras.settings import CameraSettings
from sparsedff.errors import CameraError, ConfigError
from tests.support.fake_k4a import Capture, Device, K4ATimeoutException, Library, gone

SETTINGS = CameraSettings(color_resolution="720p", warmup_frames=(0, 2))


def plug_in(monkeypatch: pytest.MonkeyPatch, *devices: Device) -> Library:
    library = Library(*devices)
    monkeypatch.setitem(sys.modules, "pyk4a", library)
    return library


def cameras(settings: CameraSettings = SETTINGS, timeout_s: float = 0.2) -> Cameras:
    return Cameras(lambda: open_kinects(CameraRequest(settings, Path())), timeout_s)


def test_frames_are_rgb_and_metres(monkeypatch) -> None:
    for jpeg in (False, True):
        library = plug_in(monkeypatch, Device("a", lambda shot, j=jpeg: Capture(time.monotonic(), 200, j)))
        with cameras() as opened:
            frame = opened.read()[0]
            assert opened.each[0].image_size == (1280, 720)
        assert np.abs(frame.color_rgb.astype(int) - (7, 100, 200)).max() <= 3  # JPEG rounds
        assert frame.depth_m.shape == (720, 1280) and frame.depth_m.dtype == np.float32
        np.testing.assert_allclose(frame.depth_m, 0.9)
        assert not library.open_now


def test_all_are_started_before_any_is_read_and_all_are_closed(monkeypatch) -> None:
    log: list = []
    library = plug_in(monkeypatch, *(Device(name, log=log) for name in "abc"))
    with cameras() as opened:
        assert library.open_now == set("abc")
        opened.read()
    kinds = [entry[0] for entry in log]
    assert kinds[:3] == ["start"] * 3 and set(kinds[3:]) == {"read"}
    assert not library.open_now


@pytest.mark.parametrize("error", [KeyboardInterrupt, CameraError, ZeroDivisionError])
def test_devices_are_closed_whatever_happens_inside(monkeypatch, error) -> None:
    library = plug_in(monkeypatch, Device("a"), Device("b"))
    with pytest.raises(error), cameras():
        raise error
    assert not library.open_now


def test_devices_are_closed_when_a_later_one_does_not_open(monkeypatch) -> None:
    library = plug_in(monkeypatch, Device("a"), Device("broken"))
    with pytest.raises(CameraError, match=r"camera number 1: cannot be opened.*udev"), cameras():
        pass
    assert not library.open_now


def test_devices_are_closed_when_ctrl_c_comes_while_exposure_settles(monkeypatch) -> None:
    def interrupted(shot: int) -> Capture:
        raise KeyboardInterrupt

    library = plug_in(monkeypatch, Device("a"), Device("b", interrupted))
    with pytest.raises(KeyboardInterrupt), cameras():
        pass
    assert not library.open_now


def test_a_device_that_is_gone_is_named_and_closed(monkeypatch) -> None:
    library = plug_in(monkeypatch, Device("a"), Device("000299", gone))
    with pytest.raises(CameraError, match="camera 000299: has stopped answering"), cameras():
        pass
    assert not library.open_now


def test_a_time_out_names_the_serial(monkeypatch) -> None:
    def silent(shot: int) -> Capture:
        if shot < 2:
            return Capture(time.monotonic())
        raise K4ATimeoutException

    plug_in(monkeypatch, Device("a"), Device("000272", silent))
    with cameras() as opened, pytest.raises(CameraError, match=r"camera 000272: no frame came in time.*timeout_s"):
        opened.read()


def test_a_camera_that_only_sends_old_frames_times_out(monkeypatch) -> None:
    plug_in(monkeypatch, Device("a", lambda shot: Capture(1.0)))
    with cameras(timeout_s=0.05) as opened, pytest.raises(CameraError, match="camera a: no frame came in time"):
        opened.read()


def test_frames_older_than_the_request_are_drained(monkeypatch) -> None:
    begin = time.monotonic()

    def queued(shot: int) -> Capture:  # warm-up, three that lie in the queue, then the present
        return Capture(begin - 1 if shot < 5 else time.monotonic(), grey=10 * shot)

    plug_in(monkeypatch, Device("a", queued))
    with cameras() as opened:
        assert opened.read()[0].color_rgb[0, 0, 2] == 50


def test_damaged_and_incomplete_frames_are_passed_over(monkeypatch) -> None:
    def patchy(shot: int) -> Capture:
        capture = Capture(time.monotonic(), grey=100 + shot, jpeg=True)
        if shot == 2:
            capture.color = capture.color[:0]
        if shot == 3:
            capture.color = np.zeros(50, dtype=np.uint8)
        if shot == 4:
            capture.depth = None
        return capture

    plug_in(monkeypatch, Device("a", patchy))
    with cameras() as opened:
        assert abs(int(opened.read()[0].color_rgb[5, 5, 2]) - 105) <= 2


def test_frames_are_dropped_until_exposure_settles(monkeypatch) -> None:
    greys = [200, 150, 120, 105, 101, 100, 100, 100, 100, 100]
    log: list = []
    plug_in(monkeypatch, Device("a", lambda s: Capture(time.monotonic(), greys[min(s, 9)]), log=log))
    with cameras(CameraSettings(color_resolution="720p", warmup_frames=(1, 40))):
        pass
    # 101, 100 and 100 are the first three within a hundredth of each other.
    assert log.count(("read", "a")) == 7
    log.clear()
    with cameras(CameraSettings(color_resolution="720p", warmup_frames=(9, 40))):
        pass
    assert log.count(("read", "a")) == 9
    log.clear()
    with cameras(CameraSettings(color_resolution="720p", warmup_frames=(1, 4))):
        pass
    assert log.count(("read", "a")) == 4


def test_white_balance_is_the_configurations(monkeypatch) -> None:
    plug_in(monkeypatch, Device("a"))
    with cameras(CameraSettings(color_resolution="720p", white_balance_k=3000, warmup_frames=(0, 1))) as opened:
        assert opened.each[0]._device.whitebalance == 3000


def test_wired_sync_starts_subordinates_first_160_us_apart_and_reads_the_master_first(monkeypatch) -> None:
    log: list = []
    jacks = {"s1": (True, True), "m": (False, True), "s2": (True, False)}
    plug_in(monkeypatch, *(Device(name, jacks=pair, log=log) for name, pair in jacks.items()))
    with cameras() as opened:
        assert [camera.serial for camera in opened.each] == ["s1", "m", "s2"]
        started = [entry[1:] for entry in log if entry[0] == "start"]
        log.clear()
        opened.read()
    assert started == [("s1", "SUBORDINATE", 160), ("s2", "SUBORDINATE", 320), ("m", "MASTER", 0)]
    assert [entry[1] for entry in log] == ["m", "s1", "s2"]


def test_synchronised_frames_are_of_one_pulse(monkeypatch) -> None:
    """A subordinate's frame of the pulse before the master's comes late: its own clock says after the request."""
    asked: list[float] = []

    def master(shot: int) -> Capture:
        return Capture((asked[0] if asked else time.monotonic()) + 0.19, grey=1)

    def subordinate(shot: int) -> Capture:
        if shot < 2:
            return Capture(time.monotonic())
        return Capture(asked[0] + (0.001, 0.1901, 0.39)[shot - 2], grey=(50, 60, 70)[shot - 2])

    plug_in(monkeypatch, Device("m", master, (False, True)), Device("s", subordinate, (True, False)))
    with cameras() as opened:
        asked.append(time.monotonic())
        frames = opened.read()
    assert frames[1].color_rgb[0, 0, 2] == 60


@pytest.mark.parametrize("jacks", [[(True, False), (True, True)], [(False, True), (False, True), (True, False)]])
def test_cables_that_make_no_sense_are_refused(monkeypatch, jacks) -> None:
    library = plug_in(monkeypatch, *(Device(f"c{i}", jacks=pair) for i, pair in enumerate(jacks)))
    with pytest.raises(CameraError, match=r"sync-in jack, so exactly one.*wired_sync=off"), cameras():
        pass
    assert not library.open_now
    with cameras(CameraSettings(color_resolution="720p", wired_sync="off", warmup_frames=(0, 1))) as opened:
        assert len(opened.read()) == len(jacks)


def test_without_the_sdk_s_registration_ours_is_used_or_the_error_says_so(monkeypatch) -> None:
    def flat(shot: int) -> Capture:
        capture = Capture(time.monotonic())
        capture.transformed_depth = None
        return capture

    plug_in(monkeypatch, Device("a", flat))
    with cameras() as opened:
        depth = opened.read()[0].depth_m
    # Both fake cameras have one lens and one place, so that depth covers the upper left 639 x 575 pixels.
    np.testing.assert_allclose(depth[:575, :639], 0.9, atol=1e-6)
    assert not depth[577:].any() and not depth[:, 641:].any()
    sdk = CameraSettings(color_resolution="720p", registration="sdk", warmup_frames=(0, 1))
    with cameras(sdk) as opened, pytest.raises(CameraError, match=r"camera a: .*OpenGL.*registration=own"):
        opened.read()


def test_no_camera_and_no_library_say_so(monkeypatch) -> None:
    plug_in(monkeypatch)
    with pytest.raises(CameraError, match=r"no camera found.*--source simulated"), cameras():
        pass
    monkeypatch.setitem(sys.modules, "pyk4a", None)
    with pytest.raises(CameraError, match="pyk4a is not installed here; `make kinect`"), cameras():
        pass

    def broken(name: str) -> None:
        raise ImportError("libk4a.so.1.4: cannot open\nshared object file")

    monkeypatch.setattr(kinect_library.importlib, "import_module", broken)
    with pytest.raises(CameraError, match=r"does not load .libk4a.so.1.4: cannot open shared object"), cameras():
        pass


@pytest.mark.parametrize(
    "wrong",
    [
        {"color_resolution": "480p"},
        {"fps": 6},
        {"fps": 30, "color_resolution": "3072p"},
        {"depth_mode": "OFF"},
        {"warmup_frames": (9, 2)},
        {"warmup_frames": (-1, 2)},
        {"registration": "none"},
        {"timeout_s": 0.0},
    ],
)
def test_settings_the_device_does_not_have_are_refused(wrong) -> None:
    with pytest.raises(ConfigError, match=rf"camera\.{next(iter(wrong))}: "):
        CameraSettings(**wrong)
