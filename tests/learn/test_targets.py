"""The taught coordinates: near on the object is near in L1, equal turns are equal, linked grips are near each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from sparsedff.learn.links import links
from sparsedff.learn.targets import Targets, kernel
from sparsedff.learn.template import turns_of


def l1(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a - b).mean(axis=-1)


@pytest.mark.parametrize("family", ["mug", "pot", "flashlight"])
def test_l1_grows_with_the_geodesic_distance(targets: Targets, family: str) -> None:
    template, coordinates = targets.templates[family], targets.coordinates[family]
    chosen = np.random.default_rng(0).choice(len(coordinates), 20, replace=False)
    distance = template.distances(chosen)
    difference = l1(coordinates[None], coordinates[chosen][:, None])
    near = distance < 0.08
    assert spearmanr(distance[near], difference[near]).statistic > 0.85
    means = [difference[(distance >= low) & (distance < low + 0.01)].mean() for low in (0.0, 0.02, 0.04, 0.06)]
    assert np.all(np.diff(means) > 0.05)


def test_the_two_sides_of_a_wall_are_apart(targets: Targets) -> None:
    template, coordinates = targets.templates["mug"], targets.coordinates["mug"]
    outside, inside = template.nearest(np.array([[-0.0405, 0.0, 0.05], [-0.0345, 0.0, 0.05]]))
    assert np.linalg.norm(template.mesh.vertices[outside] - template.mesh.vertices[inside]) < 0.01
    assert l1(coordinates[outside], coordinates[inside]) > 0.8


def test_turns_that_look_alike_are_alike(targets: Targets) -> None:
    for family, count in (("flashlight", 24), ("pot", 2), ("mug", 1)):
        template, coordinates = targets.templates[family], targets.coordinates[family]
        turns = turns_of(template)
        assert len(turns) == count
        for turn in turns[:: max(1, count // 4)]:
            turned = template.nearest(template.mesh.vertices @ turn.T)
            assert l1(coordinates, coordinates[turned]).mean() < 0.1
    mug = targets.templates["mug"]
    half = mug.nearest(mug.mesh.vertices * (-1, -1, 1))
    assert l1(targets.coordinates["mug"], targets.coordinates["mug"][half]).mean() > 0.4


def test_linked_grips_are_nearer_than_the_rest(targets: Targets) -> None:
    ours, theirs = links(targets.templates["mug"], targets.templates["pot"])
    assert len(ours) > 40
    linked = l1(targets.coordinates["mug"][ours], targets.coordinates["pot"][theirs])
    others = l1(targets.coordinates["mug"][ours], targets.coordinates["pot"][np.roll(theirs, len(theirs) // 3)])
    assert linked.mean() < 0.6 * others.mean()
    assert not len(links(targets.templates["mug"], targets.templates["flashlight"])[0])


def test_the_kernel_is_that_of_the_docstring() -> None:
    assert kernel(np.array([0.0, np.inf])).tolist() == [1.0, 0.0]
    expected = np.mean([np.exp(-0.5 * (0.05 / width) ** 2) for width in (0.02, 0.05, 0.12)])
    np.testing.assert_allclose(kernel(np.array([0.05])), expected, rtol=1e-5)


def test_coordinates_are_found_by_the_place_on_the_template(targets: Targets) -> None:
    vertices = targets.templates["pot"].mesh.vertices[:50]
    np.testing.assert_array_equal(targets.at("pot", vertices), targets.coordinates["pot"][:50])
