"""Likeness against its definition; principal components that mean the same in both scenes."""

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.visualize.features import LIKENESSES, likeness, pca_colors

RNG = np.random.default_rng(3)
FEATURES = RNG.normal(size=(40, 7)).astype(np.float32)


@pytest.mark.parametrize("name", LIKENESSES)
def test_likeness_is_what_its_name_says(name: str) -> None:
    reference = FEATURES[5]
    slow = {
        "l2": lambda f: sum((a - b) ** 2 for a, b in zip(f, reference, strict=True)) ** 0.5,
        "dot": lambda f: sum(a * b for a, b in zip(f, reference, strict=True)),
        "cosine": lambda f: (
            sum(a * b for a, b in zip(f, reference, strict=True))
            / (sum(a * a for a in f) * sum(a * a for a in reference)) ** 0.5
        ),
    }[name]
    values = likeness(name).of(FEATURES, reference)
    np.testing.assert_allclose(values, [slow(f) for f in FEATURES.astype(float)], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["l2", "cosine"])
def test_a_point_is_most_like_itself_and_has_the_brightest_colour(name: str) -> None:
    kind = likeness(name)
    values = kind.of(FEATURES, FEATURES[5])
    assert kind.best(values) == 5
    scale = kind.scale([values])
    np.testing.assert_array_equal(scale.rgb(values[[5]])[0], scale.stops[0 if kind.falling else -1])


def test_a_feature_of_no_length_has_no_direction_but_a_value() -> None:
    assert likeness("cosine").of(np.zeros((1, 3)), np.ones(3)) == 0


def test_equal_values_still_give_a_scale() -> None:
    scale = likeness("dot").scale([np.ones(5)])
    assert scale.low < scale.high


def test_an_unknown_likeness_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match="l2, dot, cosine"):
        likeness("euclid")


def test_the_same_feature_has_the_same_colour_in_both_scenes() -> None:
    other = np.concatenate([FEATURES[10:20], RNG.normal(size=(30, 7))])
    first, second = pca_colors([FEATURES, other])
    np.testing.assert_array_equal(first[10:20], second[:10])
    swapped = pca_colors([other, FEATURES])
    assert np.abs(swapped[1].astype(int) - first.astype(int)).max() <= 1  # rounding only


def test_colours_spread_along_the_strongest_direction() -> None:
    line = np.linspace(-1, 1, 50)
    features = np.outer(line, [3.0, 4.0, 0, 0]) + 1e-3 * RNG.normal(size=(50, 4))
    (colors,) = pca_colors([features])
    red = colors[:, 0].astype(int)
    assert (np.diff(red) >= 0).all() and red[0] == 0 and red[-1] == 255  # its largest entry is positive: rising


def test_fewer_than_three_channels_leave_the_others_grey() -> None:
    (colors,) = pca_colors([RNG.normal(size=(9, 2))])
    assert (colors[:, 2] == 128).all() and colors[:, 0].std() > 10
