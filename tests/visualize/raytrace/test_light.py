"""Openness to sky and lamp against closed forms."""

import numpy as np
import pytest

from sparsedff.visualize.drawing import Drawing
from sparsedff.visualize.raytrace.light import ambient, key
from sparsedff.visualize.raytrace.raycast import Caster
from sparsedff.visualize.raytrace.stage import build, light
from tests.support.shapes import sphere, sphere_points, wall

UP = np.array([[0.0, 0.0, 1.0]])
NOTHING = Caster(np.zeros((0, 3)), np.zeros((0, 3), dtype=int))


def roof(height: float) -> Caster:
    square = wall(0.0, half=2.0)
    return Caster(square.vertices[:, [1, 2, 0]] + [0, 0, height], square.faces)


def test_under_an_open_sky_nothing_is_dark() -> None:
    place = np.array([[0.0, 0.0, 0.3]])
    assert ambient(NOTHING, place, UP) == pytest.approx(1)
    assert key(NOTHING, place, UP, UP[0]) == pytest.approx(1)


def test_a_roof_takes_the_sky_by_its_distance_and_the_lamp_altogether() -> None:
    place = np.zeros((1, 3))
    shares = [float(ambient(roof(h), place, UP, table=False)[0]) for h in (0.002, 0.02, 0.05, 0.1)]
    assert shares[0] < 0.15 and shares[-1] == pytest.approx(1) and shares == sorted(shares)
    assert key(roof(0.1), place, UP, UP[0]) == pytest.approx(0)


def test_the_table_darkens_what_faces_it() -> None:
    low, high = np.array([[0, 0, 0.005]]), np.array([[0, 0, 0.3]])
    assert ambient(NOTHING, low, -UP)[0] < 0.3
    assert ambient(NOTHING, high, -UP)[0] == pytest.approx(1)
    assert ambient(NOTHING, low, -UP, table=False)[0] == pytest.approx(1)


@pytest.mark.parametrize("item", [sphere(0.05, (0, 0, 0.1)), None])
def test_an_item_throws_its_shadow_away_from_the_lamp(item) -> None:
    items = (item,) if item else (sphere_points(0.05),)
    stage = light(build(Drawing(items)), key_azimuth=0.0, key_elevation=np.pi / 4)
    assert stage.table is not None
    shadow = 1 - stage.table.light[1]
    cells = stage.table.origin[0] + stage.table.cell_m * np.arange(len(shadow))
    center_x = (shadow.sum(axis=1) * cells).sum() / shadow.sum()
    if item:  # half a right angle: the shadow of a ball at height h lies h behind it
        assert center_x == pytest.approx(-0.1, abs=0.01)
        assert shadow.sum() * stage.table.cell_m**2 == pytest.approx(np.pi * 0.05**2 * np.sqrt(2), rel=0.15)
    else:
        assert center_x < 0
