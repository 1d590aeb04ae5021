"""Dense points of a capture lie where the cameras saw the object."""

import numpy as np
import pytest

from sparsedff.capture.model import Capture, View
from sparsedff.distill.segment import Workspace
from sparsedff.errors import DistillError
from sparsedff.geometry import look_at
from sparsedff.visualize.dense import object_points

BOX = Workspace((-1, 1), (-1, 1), (-1, 1))


class Square:
    """A segmenter that marks a square in the middle, or nothing."""

    def __init__(self, half: int) -> None:
        self.half = half

    def mask(self, view: View, workspace: Workspace) -> np.ndarray:
        mask = np.zeros(view.depth_m.shape, dtype=bool)
        mask[20 - self.half : 20 + self.half, 30 - self.half : 30 + self.half] = True
        return mask


def view(serial: str) -> View:
    intrinsics = np.array([[100, 0, 29.5], [0, 100, 19.5], [0, 0, 1.0]])
    color = np.full((40, 60, 3), (10, 20, 30), dtype=np.uint8)
    return View(
        serial, color, np.full((40, 60), 0.5), intrinsics, np.zeros(5), look_at(np.array([0, 0, 0.8]), np.zeros(3))
    )


def test_every_masked_pixel_becomes_a_point_with_its_colour() -> None:
    points = object_points(Capture("two", (view("a"), view("b"))), Square(5), BOX)
    assert len(points.positions) == 200 and (points.colors == (10, 20, 30)).all()
    assert np.allclose(points.positions[:, 2], 0.3)
    assert np.abs(points.positions[:, :2]).max() == pytest.approx(4.5 * 0.5 / 100)


def test_too_many_pixels_are_thinned() -> None:
    assert len(object_points(Capture("one", (view("a"),)), Square(10), BOX, most=150).positions) == 134


def test_nothing_seen_is_an_error_that_names_the_capture() -> None:
    with pytest.raises(DistillError, match="capture one: no view shows"):
        object_points(Capture("one", (view("a"),)), Square(0), BOX)
