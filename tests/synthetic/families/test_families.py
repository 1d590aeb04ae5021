"""Every family: closed meshes that look their size, correspondence between members, paint that keeps its place."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from sparsedff.errors import ConfigError
from sparsedff.synthetic.families.parameters import Palette, is_only_wide, vary
from sparsedff.synthetic.families.registry import FAMILIES, family_of, sample_member
from sparsedff.synthetic.rendering.scene import PlacedObject, place
from sparsedff.synthetic.shapes.correspondence import correspond

NAMES = tuple(FAMILIES)
NEW = tuple(name for name in NAMES if name != "monkey")


def _member(name: str, seed: int | None) -> PlacedObject:
    family = FAMILIES[name]
    parameters = family.reference if seed is None else sample_member(name, np.random.default_rng(seed), 0.15)
    return place(family.build(parameters), 0.0, 0.0, 0.0, 0.003)


@pytest.fixture(scope="module")
def members() -> dict[str, tuple[PlacedObject, PlacedObject]]:
    """Per family the reference and a relative."""
    return {name: (_member(name, None), _member(name, 4)) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_meshes_are_closed_whole_and_of_household_size(members, name):
    for placed in members[name]:
        mesh = placed.mesh_object
        assert mesh.is_watertight and mesh.volume > 0
        assert mesh.body_count == 1
        assert 0.05 < np.ptp(mesh.bounds, axis=0).max() < 0.32
        assert placed.mesh_world.bounds[0, 2] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("name", NEW)
def test_surface_goes_to_surface_and_back(members, name):
    reference, relative = (placed.shape for placed in members[name])
    points = members[name][0].mesh.vertices[::15]
    mapped = correspond(reference, relative, points)
    assert np.percentile(np.abs(relative.distance(mapped)), 99) < 5e-4
    back = np.linalg.norm(correspond(relative, reference, mapped) - points, axis=1)
    assert back.mean() < 0.001 and np.percentile(back, 95) < 0.004
    np.testing.assert_allclose(correspond(reference, reference, points), points, atol=1e-6)


@pytest.mark.parametrize("name", NEW)
def test_parts_and_sides_of_walls_are_kept(members, name):
    """Of shells inside goes to inside: on which side of radius 1 a point lies does not change."""
    reference, relative = members[name]
    mesh = reference.mesh
    mapped = correspond(reference.shape, relative.shape, mesh.vertices[::10])
    part = np.argmin(relative.shape.part_distances(mapped), axis=1)
    same = part == mesh.part_id[::10]
    assert same.mean() > 0.95
    if name not in ("mug", "bowl", "pan", "jug", "pot"):
        return
    body = same & (part == 0)
    canonical = relative.shape.parts[0].to_canonical(mapped[body])
    side, was = (np.hypot(c[:, 0], c[:, 1]) > 1.0 for c in (canonical, mesh.canonical[::10][body]))
    assert (side == was).mean() > 0.97


@pytest.mark.parametrize("name", NEW)
def test_points_off_the_surface_keep_their_distance(members, name):
    reference, relative = (placed.shape for placed in members[name])
    surface = members[name][0].mesh.vertices[::25]
    points = surface + 0.015 * reference.normals(surface)
    kept = relative.distance(correspond(reference, relative, points)) - reference.distance(points)
    assert np.percentile(np.abs(kept), 90) < 1e-3


@pytest.mark.parametrize("name", NEW)
def test_paint_agrees_at_corresponding_points_and_has_contrast(members, name):
    """The same print in another bath of dye: brightness goes up and down at the same places."""
    reference, relative = members[name]
    points = reference.mesh.vertices[::8]
    here = reference.albedo(points + reference.world_from_object[:3, 3]).mean(axis=1)
    there = relative.albedo(
        correspond(reference.shape, relative.shape, points) + relative.world_from_object[:3, 3]
    ).mean(axis=1)
    assert here.std() > 0.03
    assert np.corrcoef(here, there)[0, 1] > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_parameters_survive_json(name):
    family = FAMILIES[name]
    parameters = sample_member(name, np.random.default_rng(1))
    assert family.parameters_from_json(json.loads(json.dumps(parameters.to_json()))) == parameters


def test_members_differ_as_much_as_asked():
    rng = np.random.default_rng(0)
    for name in NAMES:
        family = FAMILIES[name]
        assert vary(family.reference, rng, 0.0) == family.reference
        member = sample_member(name, rng, 0.10)
        varied = [entry.name for entry in fields(member) if not is_only_wide(entry)]
        entries = [key for key in varied if key != "colors" and not key.endswith("_rad") and key != "scale"]
        ratios = np.array([getattr(member, key) / getattr(family.reference, key) for key in entries])
        assert np.all(np.abs(ratios - 1) <= 0.1 + 1e-9) and np.all(np.abs(ratios - 1) >= 0.025 - 1e-9)
        assert member.colors != family.reference.colors


@pytest.mark.parametrize("name", NAMES)
def test_every_member_can_be_built(name):
    """The largest variation allowed breaks no primitive's rules, and the object keeps one size of household."""
    rng = np.random.default_rng(9)
    for _ in range(60):
        shape = FAMILIES[name].build(sample_member(name, rng, 0.3))
        assert 0.04 < np.ptp(shape.bounds(), axis=0).max() < 0.5


def test_what_is_wrong_is_named():
    with pytest.raises(ConfigError, match="no family 'cup'; there are monkey"):
        family_of("cup")
    with pytest.raises(ConfigError, match="no task 'lid', only body, rim, handle"):
        family_of("mug").task("lid")
    with pytest.raises(ConfigError, match="variation"):
        sample_member("mug", np.random.default_rng(0), 0.5)
    with pytest.raises(ConfigError, match="mug: height must lie in"):
        replace(FAMILIES["mug"].reference, height=3.0)
    with pytest.raises(ConfigError, match="three numbers in"):
        Palette((0.5, 0.5, 1.5), (0.1,) * 3, (0.1,) * 3)
