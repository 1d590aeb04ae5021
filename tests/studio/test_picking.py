"""A click means the surface that is seen, not what lies behind it."""

import numpy as np
import pytest

from sparsedff.studio.picking import pick
from tests.support.shapes import sphere_points

BALL = sphere_points(0.1, 4000).positions
EYE = np.array([1.0, 0.3, 0.4])


@pytest.mark.parametrize("index", range(0, 4000, 371))
def test_a_ray_through_a_visible_point_finds_it_and_never_one_on_the_far_side(index: int) -> None:
    found = pick(EYE, 7.0 * (BALL[index] - EYE), BALL)
    assert found is not None
    visible = BALL[index] @ (EYE - BALL[index]) > 0
    if visible:
        assert np.linalg.norm(BALL[found] - BALL[index]) < 0.015
    assert BALL[found] @ (EYE - BALL[found]) > -0.02  # at most just over the rim


def test_beside_the_object_and_behind_the_eye_is_nothing() -> None:
    assert pick(EYE, np.array([0.0, 0.0, 1.0]), BALL) is None
    assert pick(EYE, EYE, BALL) is None


def test_a_lone_point_can_be_hit_without_precision() -> None:
    point = np.array([[0.0, 0.0, 0.0]])
    assert pick(np.array([0.0, 0.0, 1.0]), np.array([0.003, 0.0, -1.0]), point) == 0
    assert pick(np.array([0.0, 0.0, 1.0]), np.array([0.05, 0.0, -1.0]), point) is None
