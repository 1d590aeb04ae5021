"""Ground truth correspondence: identity on itself, invertible, on the surface, continuous, right by part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.registry import FAMILIES, sample_member
from sparsedff.synthetic.rendering.scene import place
from sparsedff.synthetic.shapes.correspondence import correspond
from sparsedff.synthetic.truth import Truth


def test_identity_on_itself(original):
    points = original.mesh_world.vertices[::20]
    same = Truth(original, original).map_points(points)
    np.testing.assert_allclose(same, points, atol=1e-9)


def test_surface_goes_to_surface(truth):
    mapped = truth.map_points(truth.reference.mesh_world.vertices[::10])
    assert np.abs(truth.test.distance(mapped)).max() < 2e-4


def test_round_trip_on_and_off_the_surface(truth):
    surface = truth.reference.mesh_world.vertices[::10]
    normals = truth.reference.normals(surface)
    back = Truth(truth.test, truth.reference)
    for offset_m, allowed_m in ((0.0, 0.001), (0.01, 0.003), (0.03, 0.005)):
        points = surface + offset_m * normals
        error = np.linalg.norm(back.map_points(truth.map_points(points)) - points, axis=1)
        assert error.mean() < allowed_m


@pytest.mark.parametrize(
    ("name", "share", "worst_m"), [("monkey", 0.013, 0.0225), ("teddy", 0.0245, 0.0165), ("mug", 0.011, 0.0075)]
)
def test_the_way_back_misses_no_more_than_the_docstring_says(name, share, worst_m):
    """Twelve members at variation 0.12: the share of points that miss by over 1 mm, and the worst."""
    family = FAMILIES[name]
    reference = place(family.build(family.reference), 0.0, 0.0, 0.0, 0.003)
    points = reference.mesh.vertices[::5]
    missed = []
    for seed in range(12):
        member = family.build(sample_member(name, np.random.default_rng(seed), 0.12))
        back = correspond(member, reference.shape, correspond(reference.shape, member, points))
        missed.append(np.linalg.norm(back - points, axis=1))
    found = np.concatenate(missed)
    assert 0.9 * share < (found > 0.001).mean() < share
    assert 0.9 * worst_m < found.max() < worst_m


def test_no_inverse_is_exact_because_the_map_folds():
    """Two points of one monkey more than a centimetre apart have one image on its relative, within 0.5 mm."""
    family = FAMILIES["monkey"]
    reference = place(family.build(family.reference), 0.0, 0.0, 0.0, 0.003)
    member = family.build(sample_member("monkey", np.random.default_rng(11), 0.12))
    points = reference.mesh.vertices
    pairs = cKDTree(correspond(reference.shape, member, points)).query_pairs(5e-4, output_type="ndarray")
    assert np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1).max() > 0.01


def test_distance_to_the_object_is_kept(truth):
    surface = truth.reference.mesh_world.vertices[::10]
    points = surface + 0.02 * truth.reference.normals(surface)
    kept = truth.test.distance(truth.map_points(points)) - truth.reference.distance(points)
    assert np.percentile(np.abs(kept), 99) < 5e-4


def test_parts_go_to_parts(truth):
    mesh = truth.reference.mesh
    mapped = correspond(truth.reference.shape, truth.test.shape, mesh.vertices[::10])
    part = np.argmin(truth.test.shape.part_distances(mapped), axis=1)
    assert (part == mesh.part_id[::10]).mean() > 0.95


def test_paint_agrees_at_corresponding_points(truth):
    """The pattern is the same in canonical coordinates; the dye differs a little."""
    points = truth.reference.mesh_world.vertices[::10]
    mapped = truth.test.albedo(truth.map_points(points))
    shuffled = np.random.default_rng(0).permutation(mapped)
    here = truth.reference.albedo(points)
    assert np.abs(here - mapped).mean() < 0.3 * np.abs(here - shuffled).mean()


def test_neighbours_stay_neighbours(truth):
    mesh = truth.reference.mesh_world
    edges = mesh.edges_unique
    before = np.linalg.norm(np.diff(mesh.vertices[edges], axis=1)[:, 0], axis=1)
    after = np.linalg.norm(np.diff(truth.map_points(mesh.vertices)[edges], axis=1)[:, 0], axis=1)
    stretch = (after / before)[before > 5e-4]
    assert np.percentile(stretch, 99) < 2.0 and np.percentile(stretch, 1) > 0.5


def test_other_families_are_refused(original):
    fewer = replace(original.shape, parts=original.shape.parts[:-1])
    with pytest.raises(ConfigError, match="one family"):
        correspond(original.shape, fewer, np.zeros((1, 3)))
