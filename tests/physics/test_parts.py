"""Convex parts cover the mesh, are made once, and say what is wrong with a mesh that has no inside."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import trimesh

from sparsedff.errors import MissingPackageError, PhysicsError
from sparsedff.physics import parts
from sparsedff.physics.parts import convex_parts


@pytest.fixture(autouse=True)
def nothing_remembered():
    parts._parts.cache_clear()


def corner_block(size: float = 0.1) -> trimesh.Trimesh:
    """Three cubes in an L, 3/4 of the volume of their square slab; a closed mesh with one concave edge."""
    outline = size * np.array([[0, 0], [1, 0], [1, 0.5], [0.5, 0.5], [0.5, 1], [0, 1]])
    bottom = np.column_stack([outline, np.zeros(6)])
    vertices = np.concatenate([bottom, bottom + np.array([0, 0, 0.5 * size])])
    caps = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 5], [3, 4, 5]])
    sides = [[(i, (i + 1) % 6, i + 6), ((i + 1) % 6, (i + 1) % 6 + 6, i + 6)] for i in range(6)]
    return trimesh.Trimesh(vertices, np.concatenate([caps[:, ::-1], caps + 6, np.array(sides).reshape(-1, 3)]))


def inside(parts, points, slack_m: float = 1e-9) -> np.ndarray:
    """Which points (N, 3) lie in the union of convex parts."""
    covered = np.zeros(len(points), dtype=bool)
    for corners in parts:
        hull = trimesh.convex.convex_hull(corners)
        offsets = np.einsum("ij,ij->i", hull.face_normals, hull.triangles_center)
        covered |= (points @ hull.face_normals.T - offsets).max(axis=1) <= slack_m
    return covered


def test_a_convex_mesh_is_its_own_part_and_needs_no_coacd(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "coacd", None)
    box = trimesh.creation.box((0.1, 0.2, 0.3))
    (corners,) = convex_parts(box, folder=tmp_path)
    assert corners.shape == (8, 3)
    assert trimesh.convex.convex_hull(corners).volume == pytest.approx(0.1 * 0.2 * 0.3)


def test_parts_cover_the_volume_and_little_else(tmp_path):
    block = corner_block()
    assert block.is_watertight and block.volume == pytest.approx(0.75 * 0.1 * 0.1 * 0.05)
    parts = convex_parts(block, folder=tmp_path)
    cloud = np.random.default_rng(0).uniform(*block.bounds, (4000, 3))
    solid = ~((cloud[:, 0] > 0.05) & (cloud[:, 1] > 0.05))
    covered = inside(parts, cloud)
    assert covered[solid].mean() > 0.99 and covered[~solid].mean() < 0.05


def test_parts_are_made_once_and_read_again(tmp_path, monkeypatch):
    first = convex_parts(corner_block(), folder=tmp_path)
    parts._parts.cache_clear()
    monkeypatch.setitem(sys.modules, "coacd", None)  # importing it now would fail
    again = convex_parts(corner_block(), folder=tmp_path)
    assert len(first) == len(again) and all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    with pytest.raises(MissingPackageError, match="pip install coacd"):
        convex_parts(corner_block(0.2), folder=tmp_path)


def test_a_damaged_file_and_a_folder_that_cannot_be_made_only_cost_time(tmp_path):
    expected = convex_parts(corner_block(), folder=tmp_path)
    (path,) = tmp_path.glob("*.npz")
    path.write_bytes(path.read_bytes()[:100])
    parts._parts.cache_clear()
    assert len(convex_parts(corner_block(), folder=tmp_path)) == len(expected)
    parts._parts.cache_clear()
    assert len(convex_parts(corner_block(), folder=path / "below a file")) == len(expected)


def test_a_mesh_without_an_inside_is_refused(tmp_path):
    sheet = trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]])
    inverted = trimesh.creation.box((0.1, 0.1, 0.1))
    inverted.invert()
    for mesh in (sheet, inverted):
        with pytest.raises(PhysicsError, match="must be closed"):
            convex_parts(mesh, folder=tmp_path)
