"""Similarity against its definition."""

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.visualize.similarity import SIMILARITIES, find_similarity

RNG = np.random.default_rng(3)
FEATURES = RNG.normal(size=(40, 7)).astype(np.float32)


@pytest.mark.parametrize("name", SIMILARITIES)
def test_similarity_is_what_its_name_says(name: str) -> None:
    reference = FEATURES[5]
    slow = {
        "l2": lambda f: sum((a - b) ** 2 for a, b in zip(f, reference, strict=True)) ** 0.5,
        "dot": lambda f: sum(a * b for a, b in zip(f, reference, strict=True)),
        "cosine": lambda f: (
            sum(a * b for a, b in zip(f, reference, strict=True))
            / (sum(a * a for a in f) * sum(a * a for a in reference)) ** 0.5
        ),
    }[name]
    values = find_similarity(name).of(FEATURES, reference)
    np.testing.assert_allclose(values, [slow(f) for f in FEATURES.astype(float)], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["l2", "cosine"])
def test_a_point_is_most_like_itself_and_has_the_brightest_colour(name: str) -> None:
    kind = find_similarity(name)
    values = kind.of(FEATURES, FEATURES[5])
    assert kind.best(values) == 5
    scale = kind.scale([values])
    np.testing.assert_array_equal(scale.rgb(values[[5]])[0], scale.stops[0 if kind.falling else -1])


def test_a_feature_of_no_length_has_no_direction_but_a_value() -> None:
    assert find_similarity("cosine").of(np.zeros((1, 3)), np.ones(3)) == 0


def test_equal_values_still_give_a_scale() -> None:
    scale = find_similarity("dot").scale([np.ones(5)])
    assert scale.low < scale.high


def test_an_unknown_similarity_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match="l2, dot, cosine"):
        find_similarity("euclid")
