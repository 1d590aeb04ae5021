"""Principal components as colours that mean the same in both scenes."""

import numpy as np

from sparsedff.visualize.pca import pca_colors

RNG = np.random.default_rng(3)
FEATURES = RNG.normal(size=(40, 7)).astype(np.float32)


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
