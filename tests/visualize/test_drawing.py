"""Items check themselves, and one colour is spread over all."""

import numpy as np
import pytest

from sparsedff.visualize.drawing import Mesh, Path3D, Points
from sparsedff.visualize.hand import hand_item
from sparsedff.visualize.palette import FINGERTIP_RGB, HAND_RGB
from tests.support.shapes import RED

TRIANGLE = np.eye(3)


def test_one_colour_is_spread_over_all_vertices() -> None:
    assert (Mesh(TRIANGLE, [[0, 1, 2]], RED).colors == np.array([RED] * 3)).all()


def test_values_are_copied_and_cannot_be_written_to() -> None:
    positions = TRIANGLE.copy()
    points = Points(positions, RED)
    positions[0] = 7
    assert points.positions[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        points.positions[0] = 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Mesh(TRIANGLE, [[0, 1, 3]], RED), "index 0..2"),
        (lambda: Mesh(TRIANGLE, [[0, 1]], RED), "faces must be"),
        (lambda: Mesh(TRIANGLE[:, :2], [[0, 1, 2]], RED), "positions must be"),
        (lambda: Points(TRIANGLE * np.nan, RED), "NaN"),
        (lambda: Points(TRIANGLE, (0.1, 0.2, 0.3)), "integers"),
        (lambda: Points(TRIANGLE, (0, 0, 256)), "0..255"),
        (lambda: Points(TRIANGLE, [RED, RED]), "colours must be"),
        (lambda: Points(TRIANGLE, RED, radius_m=0.0), "radius_m"),
        (lambda: Path3D(TRIANGLE, radius_m=-1.0), "radius_m"),
        (lambda: hand_item(TRIANGLE, [[0, 1, 2]], [("palm", 2)]), "2 vertices"),
    ],
)
def test_a_malformed_item_is_refused_and_says_why(make, message) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_fingertips_have_their_own_colour() -> None:
    hand = hand_item(np.eye(3), [[0, 1, 2]], [("palm", 1), ("ffdistal", 2)], tips=["ffdistal"])
    assert hand.colors.tolist() == [list(HAND_RGB), list(FINGERTIP_RGB), list(FINGERTIP_RGB)]
