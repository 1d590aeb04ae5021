"""The monkey: closed surface, labelled vertices, a textured coat, parameters that check themselves."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.monkey import MonkeyParameters, build_monkey
from sparsedff.synthetic.families.monkey_paint import MonkeyColors
from sparsedff.synthetic.shapes.noise import fractal_noise, smooth_noise


def test_mesh_is_one_closed_outward_facing_surface_on_the_table(truth):
    for placed in (truth.reference, truth.test):
        mesh = placed.mesh_world
        assert mesh.is_watertight and mesh.is_winding_consistent and mesh.body_count == 1
        assert 0.0008 < mesh.volume < 0.0025  # m^3; positive means that faces look outwards
        assert mesh.bounds[0, 2] == pytest.approx(0.0, abs=1e-9)
        assert 0.19 < mesh.extents[2] < 0.25


def test_mesh_lies_on_the_zero_level_and_normals_agree(original):
    mesh, shape = original.mesh, original.shape
    assert np.abs(shape.distance(mesh.vertices)).max() < 1e-4
    centroids, faces = original.mesh_world.triangles_center, original.mesh_world.face_normals
    assert np.percentile(np.abs(original.distance(centroids)), 99) < 2e-4
    agreement = np.einsum("ni,ni->n", original.normals(centroids), faces)
    assert np.percentile(agreement, 5) > 0.97


def test_gradient_is_about_one_long_where_no_seam_is(original):
    length = np.linalg.norm(original.shape.gradient(original.mesh.vertices), axis=1)
    assert np.median(length) == pytest.approx(1.0, abs=0.01)
    assert (length > 0.6).mean() > 0.98 and length.max() < 1.05


def test_vertices_know_their_part_and_place(original):
    mesh, parts = original.mesh, original.shape.parts
    assert set(mesh.part_id) == set(range(len(parts)))
    for index, part in enumerate(parts):
        mine = mesh.part_id == index
        np.testing.assert_allclose(part.from_canonical(mesh.canonical[mine]), mesh.vertices[mine], atol=1e-12)


def test_coat_has_texture_at_the_scale_of_descriptors(original):
    vertices = original.mesh_world.vertices
    head = vertices[original.mesh.part_id == [part.name for part in original.shape.parts].index("head")]
    albedo = original.albedo(head)
    assert albedo.min() >= 0 and albedo.max() <= 1
    assert albedo.std(axis=0).min() > 0.1


def test_parameters_survive_json():
    parameters = MonkeyParameters(head_size=1.1, arm_raise_rad=(0.1, -0.2), colors=MonkeyColors(contrast=0.5))
    assert MonkeyParameters.from_json(json.loads(json.dumps(parameters.to_json()))) == parameters


@pytest.mark.parametrize(
    "make, field",
    [
        (lambda: MonkeyParameters(head_size=3.0), "head_size"),
        (lambda: MonkeyParameters(arm_raise_rad=(0.0, 2.0)), "arm_raise_rad"),
        (lambda: MonkeyParameters(scale=float("nan")), "scale"),
        (lambda: MonkeyColors(fur=(1.2, 0.0, 0.0)), "fur"),
        (lambda: MonkeyColors(pattern_seed=-1), "pattern_seed"),
    ],
)
def test_values_out_of_range_are_named(make, field):
    with pytest.raises(ConfigError, match=field):
        make()


def test_every_corner_of_the_proportions_builds():
    for value in (0.6, 1.6):
        shape = build_monkey(MonkeyParameters(head_size=value, arm_length=value, leg_length=value, body_width=value))
        assert np.isfinite(shape.distance(np.zeros((1, 3)))).all()


def test_noise_is_bounded_smooth_and_seeded():
    points = np.random.default_rng(0).uniform(-20, 20, (5000, 3))
    value = smooth_noise(points, 3)
    assert np.abs(value).max() <= 1.0 and 0.2 < value.std() < 0.6 and abs(value.mean()) < 0.05
    assert np.abs(smooth_noise(points + 1e-4, 3) - value).max() < 2e-3
    assert np.corrcoef(value, smooth_noise(points, 4))[0, 1] < 0.1
    np.testing.assert_array_equal(fractal_noise(points, 5), fractal_noise(points, 5))
