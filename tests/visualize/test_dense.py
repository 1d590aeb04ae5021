"""Dense points of a capture lie where the cameras saw the object."""

import numpy as np
import pytest

from sparsedff.capture.model import View
from sparsedff.distill.distil import SegmentedView
from sparsedff.geometry import look_at
from sparsedff.visualize.dense import object_points


def view(serial: str) -> View:
    intrinsics = np.array([[100, 0, 29.5], [0, 100, 19.5], [0, 0, 1.0]])
    color = np.full((40, 60, 3), (10, 20, 30), dtype=np.uint8)
    return View(
        serial, color, np.full((40, 60), 0.5), intrinsics, np.zeros(5), look_at(np.array([0, 0, 0.8]), np.zeros(3))
    )


def seen(serial: str, half: int) -> SegmentedView:
    """A view whose object is a square in the middle, 2 `half` pixels wide."""
    mask = np.zeros((40, 60), dtype=bool)
    mask[20 - half : 20 + half, 30 - half : 30 + half] = True
    return SegmentedView(0, view(serial), mask)


def test_every_masked_pixel_becomes_a_point_with_its_colour() -> None:
    points = object_points([seen("a", 5), seen("b", 5)])
    assert len(points.positions) == 200 and (points.colors == (10, 20, 30)).all()
    assert np.allclose(points.positions[:, 2], 0.3)
    assert np.abs(points.positions[:, :2]).max() == pytest.approx(4.5 * 0.5 / 100)


def test_too_many_pixels_are_thinned() -> None:
    assert len(object_points([seen("a", 10)], most=150).positions) == 134
