"""Captures in wrong units are refused with the likely unit; right ones pass."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

from sparsedff.capture.model import View
from sparsedff.capture.plausible import check_plausible
from sparsedff.errors import CalibrationError, CaptureError
from tests.support.box_scenes import box_scene

VIEW = box_scene(0.4).view


def with_depth(factor: float) -> View:
    return replace(VIEW, depth_m=VIEW.depth_m * np.float32(factor))


def test_a_right_capture_passes_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        check_plausible([VIEW, box_scene(1.6, noise_m=0.002, tilt_deg=2.0).view], "here")
    assert not caplog.records


def test_a_camera_far_away_is_millimetres() -> None:
    pose = np.array(VIEW.world_from_camera)
    pose[:3, 3] *= 70
    with pytest.raises(CalibrationError, match=r"here: camera a stands \d\d m from .* the pose's lengths millimetres"):
        check_plausible([replace(VIEW, world_from_camera=pose)], "here")


@pytest.mark.parametrize(
    ("factor", "says"),
    [
        (10.0, "10 times too large; is it in tenths of a millimetre"),
        (0.1, "10 times too small; is it in centimetres"),
        (0.001, "1000 times too small; is it in metres"),
    ],
)
def test_depth_in_another_unit_is_named(factor: float, says: str) -> None:
    with pytest.raises(CaptureError, match=says):
        check_plausible([with_depth(factor)], "here")


def test_depth_a_little_off_is_no_unit() -> None:
    """A rig that is badly calibrated is `sparsedff check`'s business."""
    check_plausible([with_depth(1.15), with_depth(0.85)], "here")


def test_intrinsics_of_another_image_size_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    half = np.array(VIEW.intrinsics)
    half[:2] *= 0.5
    half[:2, 2] -= 0.25  # pixel centres are integers: the middle of 200 pixels is 99.5
    with caplog.at_level(logging.WARNING):
        check_plausible([replace(VIEW, intrinsics=half)], "here")
    assert "fit an image of 200 x 150, the image has 400 x 300" in caplog.text
