"""Lathe, bent tube and rounded box: exact distances, canonical coordinates that invert, errors."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.synthetic.shapes.bent_tube import BentTube
from sparsedff.synthetic.shapes.lathe import Lathe
from sparsedff.synthetic.shapes.round_box import RoundBox

CYLINDER = ((0.03, 0.0), (0.03, 0.1))
CUP = Lathe(((0.03, 0.0), (0.035, 0.04), (0.04, 0.1)), 0.002, hollow=True)
SOLID = Lathe(((0.03, 0.0), (0.035, 0.04), (0.02, 0.1)), 0.002, hollow=False)
TUBE = BentTube(0.03, 1.4, 0.005, 0.008)
BOX = RoundBox((0.03, 0.05, 0.07), 0.004)
SHAPES = {"shell": CUP, "solid": SOLID, "tube": TUBE, "box": BOX}


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    return np.random.default_rng(0).uniform((-0.06, -0.06, -0.05), (0.06, 0.06, 0.13), (4000, 3))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_canonical_coordinates_invert(shape, points):
    # On the axis of a tube's bend all angles meet.
    there = points[np.hypot(points[:, 0], points[:, 2]) > 0.01] if shape is TUBE else points
    np.testing.assert_allclose(shape.from_canonical(shape.to_canonical(there)), there, atol=1e-12)


@pytest.mark.parametrize("shape", [CUP, SOLID, BOX], ids=["shell", "solid", "box"])
def test_distance_has_unit_slope_and_is_zero_where_it_says(shape, points):
    """An exact distance: walking it along the gradient ends on the surface."""
    step = 1e-6
    gradient = np.stack(
        [(shape.distance(points + step * e) - shape.distance(points - step * e)) / (2 * step) for e in np.eye(3)],
        axis=1,
    )
    slope = np.linalg.norm(gradient, axis=1)
    smooth = np.abs(slope - 1.0) < 1e-3  # not where two walls are equally near
    assert smooth.mean() > 0.97
    outside = smooth & (shape.distance(points) > 0)
    landed = points[outside] - shape.distance(points[outside])[:, None] * gradient[outside]
    assert np.percentile(np.abs(shape.distance(landed)), 99) < 1e-5


def test_solid_cylinder_is_the_closed_form():
    rounded = Lathe(CYLINDER, 0.005, hollow=False)
    probes = np.array([[0.05, 0.0, 0.05], [0.0, 0.0, -0.02], [0.0, 0.0, 0.05], [0.0, 0.04, 0.11]])
    expected = [0.015, 0.015, -0.035, np.hypot(0.01, 0.01) - 0.005]
    np.testing.assert_allclose(rounded.distance(probes), expected, atol=1e-12)


def test_shell_is_open_above_and_closed_below():
    cup = Lathe(CYLINDER, 0.002, hollow=True)
    probes = np.array([[0.0, 0.0, 0.05], [0.0, 0.0, 0.0], [0.03, 0.0, 0.05], [0.0, 0.0, 0.2]])
    np.testing.assert_allclose(cup.distance(probes), [0.028, -0.002, -0.002, np.hypot(0.03, 0.1) - 0.002], atol=1e-12)


def test_tube_and_box_contain_what_their_bounds_say(points):
    for shape in SHAPES.values():
        low, high = shape.bounds()
        inside = points[shape.distance(points) < 0]
        assert len(inside) and np.all(inside >= low - 1e-9) and np.all(inside <= high + 1e-9)
    middle = np.array([[0.03, 0.0, 0.0], [0.03 * np.cos(1.4), 0.0, 0.03 * np.sin(1.4)], [0.035, 0.0, 0.0]])
    np.testing.assert_allclose(TUBE.distance(middle), [-0.005, -0.005, 0.0], atol=1e-9)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Lathe(((0.03, 0.0),), 0.002, True),
        lambda: Lathe(((0.03, 0.1), (0.03, 0.0)), 0.002, True),
        lambda: Lathe(CYLINDER, 0.0, True),
        lambda: BentTube(0.03, 4.0, 0.005, 0.008),
        lambda: BentTube(0.004, 1.0, 0.005, 0.008),
        lambda: RoundBox((0.03, 0.05, 0.07), 0.04),
    ],
)
def test_impossible_sizes_are_refused(make):
    with pytest.raises(ConfigError, match="synthetic"):
        make()
