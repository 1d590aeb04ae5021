"""Normals keep creases and are smooth elsewhere; cutting triangles changes no shape."""

import numpy as np

from sparsedff.visualize.drawing import Mesh, Path3D
from sparsedff.visualize.raytrace.surface import beads, split_creases, surface_of
from tests.support.shapes import RED, sphere

CUBE = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
CUBE_SIDES = "013 032 467 475 045 051 237 276 026 064 157 173"  # two triangles a side, counter-clockwise from outside
CUBE_FACES = np.array([[int(index) for index in face] for face in CUBE_SIDES.split()])


def area(vertices: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_a_cube_gets_three_normals_at_each_corner() -> None:
    vertices, faces, normals, source = split_creases(CUBE, CUBE_FACES, crease=0.7)
    assert len(vertices) == 24 and np.bincount(source).tolist() == [3] * 8
    assert np.allclose(np.sort(np.abs(normals), axis=1), [0, 0, 1])
    assert ((normals * (vertices - 0.5)).sum(axis=1) > 0).all()
    assert np.allclose(vertices[faces], CUBE[CUBE_FACES])


def test_a_wide_crease_angle_rounds_the_cube() -> None:
    vertices, _, normals, _ = split_creases(CUBE, CUBE_FACES, crease=1.7)
    assert len(vertices) == 8
    assert ((normals * (vertices - 0.5)).sum(axis=1) > 0.7).all()


def test_repeated_vertices_of_an_stl_file_are_smoothed_together() -> None:
    ball = sphere()
    soup = ball.vertices[ball.faces].reshape(-1, 3)
    vertices, _, normals, _ = split_creases(soup, np.arange(len(soup)).reshape(-1, 3), crease=0.7)
    assert np.abs(normals - vertices / 0.1).max() < 0.02


def test_triangles_are_cut_down_without_changing_the_shape() -> None:
    surface = surface_of(Mesh(CUBE * 0.1, CUBE_FACES, RED), longest_edge_m=0.03)
    corners = surface.vertices[surface.faces]
    assert np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max() <= 0.03
    assert np.isclose(area(surface.vertices, surface.faces), 6 * 0.01)
    assert np.allclose(surface.colors, np.array(RED) / 255)


def test_beads_are_closed_spheres_that_face_outwards() -> None:
    surface = beads(Path3D(np.array([[0, 0, 0.3]]), radius_m=0.01))
    outwards = (surface.vertices - [0, 0, 0.3]) / 0.01
    assert np.allclose(surface.normals, outwards) and np.allclose(np.linalg.norm(outwards, axis=1), 1)
    a, b, c = np.moveaxis(outwards[surface.faces], 1, 0)
    volume = np.einsum("fk,fk->f", a, np.cross(b, c))
    assert (volume > 0).all() and len(surface.faces) == 80
    assert 0.85 < volume.sum() / 6 / (4 / 3 * np.pi) < 1


def test_an_empty_path_gives_an_empty_surface() -> None:
    assert len(beads(Path3D(np.zeros((0, 3)))).faces) == 0
