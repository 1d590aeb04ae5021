"""Positive pairs against the published function and against all distances."""

from __future__ import annotations

import numpy as np
import pytest

from sparsedff.errors import DistillError
from sparsedff.refine.pairs import cross_view_pairs, matches
from sparsedff.refine.scene import TrainingScene, make_scene
from tests.support.paths import golden
from tests.support.refine_toys import ball


@pytest.mark.parametrize(("name", "radius"), [("index_t010", 0.01), ("index_t020", 0.02)])
def test_the_published_pairs(name: str, radius: float) -> None:
    data = golden("match_ij.npz")
    np.testing.assert_array_equal(matches(data["points0"], data["points1"], radius), data[name])


def test_pairs_are_strictly_closer_than_the_radius() -> None:
    first, second = np.zeros((1, 3)), np.array([[0.5, 0, 0], [0.25, 0, 0]])
    np.testing.assert_array_equal(matches(first, second, 0.5), [[0, 1]])
    assert matches(first, np.zeros((0, 3)), 1.0).shape == (0, 2)


@pytest.mark.parametrize("views", [1, 2, 3, 5])
def test_all_pairs_of_any_number_of_views(views: int) -> None:
    cloud = ball(views, 60)
    index = np.random.default_rng(0).permutation(3 * cloud.view_index)  # neither sorted nor without gaps
    distance = np.linalg.norm(cloud.points[:, None] - cloud.points[None], axis=-1)
    wanted = np.argwhere((distance < 0.01) & (index[:, None] < index[None]))
    found = cross_view_pairs(cloud.points, index, 0.01)
    assert (index[found[:, 0]] < index[found[:, 1]]).all()
    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, wanted.tolist()))
    assert (len(found) == 0) == (views == 1)


def test_a_scene_needs_two_views_of_one_spot() -> None:
    with pytest.raises(DistillError, match=r"capture lonely: none of its 1 views .* within 1 cm"):
        make_scene("lonely", ball(1), 0.01)
    cloud = ball(2, 50)
    with pytest.raises(DistillError, match="within one view"):
        TrainingScene("a", cloud, np.array([[0, 1]]))
    with pytest.raises(DistillError, match="do not index its 100 points"):
        TrainingScene("a", cloud, np.array([[0, 100]]))
