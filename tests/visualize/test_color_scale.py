"""Numbers become colours one can read back."""

import numpy as np
import pytest

from sparsedff.visualize.color_scale import COLORMAPS, ColorScale
from sparsedff.visualize.drawing import Points, scaled_points

RAMP = np.linspace(-1.0, 3.0, 30)


def lightness(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance after Rec. 709, of linear light."""
    linear = (rgb / 255.0) ** 2.2
    return linear @ np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("colormap", COLORMAPS)
def test_lightness_rises_all_the_way_so_that_no_hue_is_needed_to_read_it(colormap: str) -> None:
    light = lightness(ColorScale("x", -1, 3, colormap=colormap).rgb(RAMP))
    assert (np.diff(light) > 0).all() and light[-1] > 5 * light[0] + 0.3
    falling = lightness(ColorScale("x", -1, 3, colormap=colormap, falling=True).rgb(RAMP))
    np.testing.assert_array_equal(falling[::-1], light)


def test_what_lies_beyond_has_the_colour_of_the_end() -> None:
    scale = ColorScale("x", 0, 1)
    np.testing.assert_array_equal(scale.rgb(np.array([-5.0, 7.0])), scale.rgb(np.array([0.0, 1.0])))
    np.testing.assert_array_equal(scale.rgb(np.array([0.0, 1.0])), [scale.stops[0], scale.stops[-1]])


def test_the_title_has_the_unit() -> None:
    assert ColorScale("distance", 0, 1, "m").title == "distance [m]" and ColorScale("cosine", 0, 1).title == "cosine"


@pytest.mark.parametrize("ends", [(1, 1), (2, 1), (0, float("nan")), (0, float("inf"))])
def test_ends_that_give_no_scale_are_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="low must be under high"):
        ColorScale("x", *ends)


def test_an_unknown_map_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="Viridis, Cividis"):
        ColorScale("x", 0, 1, colormap="Jet")


def test_points_need_a_value_each_and_the_scale_they_were_coloured_by() -> None:
    values, scale = np.array([0.0, 0.5, 1.0]), ColorScale("x", 0, 1)
    points = scaled_points(np.zeros((3, 3)), values, scale)
    np.testing.assert_array_equal(points.colors, scale.rgb(values))
    with pytest.raises(ValueError, match="values must be"):
        Points(np.zeros((3, 3)), (0, 0, 0), values=np.zeros(2), scale=scale)
    with pytest.raises(ValueError, match="come together"):
        Points(np.zeros((3, 3)), (0, 0, 0), values=np.zeros(3))
