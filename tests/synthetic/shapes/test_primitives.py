"""Distances, canonical coordinates and unions of the clay that objects are made of."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.synthetic.shapes.primitives import Ellipsoid, RoundCone, smooth_union

SHAPES = [
    Ellipsoid((0.03, 0.04, 0.05)),
    Ellipsoid((0.007, 0.016, 0.018)),
    RoundCone(0.05, 0.015, 0.012),
    RoundCone(0.03, 0.010, 0.020),
    RoundCone(0.04, 0.01, 0.01),
]


def _points(count: int, extent_m: float) -> np.ndarray:
    return np.random.default_rng(0).uniform(-extent_m, extent_m, (count, 3))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_canonical_coordinates_are_invertible_everywhere(shape):
    points = _points(2000, 0.1)
    np.testing.assert_allclose(shape.from_canonical(shape.to_canonical(points)), points, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradient_is_unit_long_at_the_surface(shape):
    low, high = shape.bounds()
    points = np.random.default_rng(0).uniform(low - 0.001, high + 0.001, (20000, 3))
    points = points[np.abs(shape.distance(points)) < 5e-4]
    assert len(points) > 300
    step = 1e-6
    slopes = [(shape.distance(points + d) - shape.distance(points - d)) / (2 * step) for d in step * np.eye(3)]
    np.testing.assert_allclose(np.linalg.norm(slopes, axis=0), 1.0, atol=0.08)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_bounds_hold_the_shape(shape):
    points = _points(40000, 0.1)
    inside = points[shape.distance(points) < 0]
    low, high = shape.bounds()
    assert (inside >= low).all() and (inside <= high).all()


def test_ellipsoid_surface_is_at_distance_zero():
    shape = SHAPES[0]
    directions = _points(500, 1.0)
    surface = shape.from_canonical(directions / np.linalg.norm(directions, axis=1, keepdims=True))
    np.testing.assert_allclose(shape.distance(surface), 0.0, atol=1e-12)
    assert shape.distance(np.zeros((1, 3)))[0] == pytest.approx(-0.03)


def test_round_cone_is_the_union_of_the_balls_between_its_ends():
    shape = RoundCone(0.05, 0.016, 0.009)
    points = _points(500, 0.06)
    t = np.linspace(0, 1, 20001)
    # The hull of two balls is the union of all balls whose centre and radius are interpolated between them.
    balls = [np.hypot(np.hypot(p[0], p[1]), p[2] - 0.05 * t) - (0.016 + t * (0.009 - 0.016)) for p in points]
    np.testing.assert_allclose(shape.distance(points), np.min(balls, axis=1), atol=1e-8)


def test_smooth_union_is_below_both_by_at_most_a_quarter_of_the_seam():
    first, second = np.random.default_rng(1).normal(0, 0.01, (2, 5000))
    union, sharp = smooth_union(first, second, 0.008), np.minimum(first, second)
    assert (union <= sharp).all() and (sharp - union <= 0.002 + 1e-15).all()
    far = np.abs(first - second) >= 0.008
    np.testing.assert_array_equal(union[far], sharp[far])
    np.testing.assert_array_equal(smooth_union(first, second, 0.0), sharp)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Ellipsoid((0.0, 0.1, 0.1)),
        lambda: Ellipsoid((0.1, float("nan"), 0.1)),
        lambda: RoundCone(-0.1, 0.01, 0.01),
        lambda: RoundCone(0.01, 0.05, 0.01),
    ],
)
def test_impossible_sizes_are_refused(make):
    with pytest.raises(ConfigError, match="synthetic primitive"):
        make()
