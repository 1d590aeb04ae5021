"""Colours of clouds in the studio."""

import numpy as np
import pytest

from sparsedff.runs.read import SavedCloud
from sparsedff.studio.coloring import MODES, Coloring
from sparsedff.visualize.palette import VIEW_RGB

RNG = np.random.default_rng(0)


def saved(count: int, views: bool = True) -> SavedCloud:
    colors = RNG.integers(0, 255, (count, 3)).astype(np.uint8)
    points, features = RNG.normal(size=(count, 3)), RNG.normal(size=(count, 6))
    index = RNG.integers(0, 9, count) if views else None
    return SavedCloud(points.astype(np.float32), features.astype(np.float32), colors, index)


CLOUDS = (saved(30), saved(40))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_gives_each_point_a_colour(mode: str) -> None:
    for rgb, cloud in zip(Coloring(CLOUDS).colors(mode, (1, 3)), CLOUDS, strict=True):
        assert rgb.shape == (len(cloud), 3) and rgb.dtype == np.uint8


def test_similarity_is_brightest_at_the_chosen_point_whichever_scene_it_is_in() -> None:
    for chosen in ((0, 4), (1, 17)):
        colors = Coloring(CLOUDS).colors("similarity", chosen, "l2")
        brightness = [rgb.astype(int).sum(axis=1) for rgb in colors]
        assert brightness[chosen[0]][chosen[1]] == max(b.max() for b in brightness)


def test_points_of_a_view_share_a_colour_and_runs_that_do_not_know_are_grey() -> None:
    (rgb, _) = Coloring(CLOUDS).colors("view of origin")
    np.testing.assert_array_equal(rgb, np.array(VIEW_RGB)[CLOUDS[0].views % len(VIEW_RGB)])
    (grey,) = Coloring([saved(5, views=False)]).colors("view of origin")
    assert (grey == grey[0, 0]).all()


def test_nothing_chosen_is_grey() -> None:
    assert all((rgb == rgb[0, 0]).all() for rgb in Coloring(CLOUDS).colors("similarity"))
