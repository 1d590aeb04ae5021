"""The volume: values of the field itself, shells of known shape, memory that does not follow the grid."""

import subprocess
import sys

import numpy as np
import pytest
import torch
import trimesh

from sparsedff.field import build_field
from sparsedff.visualize import volume
from sparsedff.visualize.color_scale import ColorScale
from sparsedff.visualize.volume import Grid, grid_around, sample, shells

CUBE = Grid(np.full(3, -0.1), 0.2 / 40, (41, 41, 41))


def test_the_grid_holds_the_points_their_margin_and_no_more_cells_than_allowed() -> None:
    points = np.random.default_rng(0).uniform([-0.1, 0.0, 0.05], [0.1, 0.3, 0.2], size=(500, 3))
    grid = grid_around(points, 0.04, 20_000)
    assert 0.8 * 20_000 < grid.size <= 20_000
    centers = grid.centers(0, grid.size)
    assert (centers.min(0) <= points.min(0) - 0.04 + 1e-9).all()
    assert (centers.max(0) >= points.max(0) + 0.04 - grid.cell_m).all()
    steps = np.unique(np.round(np.diff(np.unique(centers[:, 0].round(9))), 6))
    assert steps == pytest.approx([grid.cell_m], abs=1e-6)


def test_the_grid_ends_at_the_table() -> None:
    points = np.array([[0, 0, 0.01], [0.1, 0.1, 0.1]])
    assert grid_around(points, 0.05, 1000).origin[2] == 0


def test_values_are_those_of_the_field_whatever_the_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    points, features = torch.tensor(rng.normal(size=(30, 3))), torch.tensor(rng.normal(size=(30, 5)))
    field = build_field(points, features)
    grid = Grid(np.array([-1.0, -0.5, 0.0]), 0.25, (4, 5, 6))
    monkeypatch.setattr(volume, "SLICE", 7)
    cells: list[int] = []
    values = sample(field, grid, lambda asked: asked[:, 2], cells.append)
    assert values.shape == (4, 5, 6) and sum(cells) == grid.size
    for i, j, k in [(0, 0, 0), (3, 4, 5), (2, 1, 3)]:
        place = torch.tensor([[-1 + 0.25 * i, -0.5 + 0.25 * j, 0.25 * k]], dtype=points.dtype)
        weights = 1 / (place - points).square().sum(1)
        assert values[i, j, k] == pytest.approx(float((weights @ features)[2] / weights.sum()), rel=1e-5)


@pytest.mark.parametrize("falling", [True, False])
def test_shells_of_a_distance_are_balls_the_innermost_first(falling: bool) -> None:
    radius = np.linalg.norm(CUBE.centers(0, CUBE.size), axis=1).reshape(CUBE.shape)
    scale = ColorScale("r", *((0, 0.1) if falling else (-0.1, 0)), falling=falling)
    sign = 1 if falling else -1
    inner, outer = shells(sign * radius, CUBE, [sign * 0.08, sign * 0.04], scale)
    for mesh, expected in ((inner, 0.04), (outer, 0.08)):
        assert np.linalg.norm(mesh.vertices, axis=1) == pytest.approx(expected, abs=2e-4)
        solid = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
        assert solid.volume == pytest.approx(4 / 3 * np.pi * expected**3, rel=0.02)  # positive: faces point outwards
    assert inner.opacity > outer.opacity


def test_a_shell_that_leaves_the_box_is_closed_at_its_sides() -> None:
    ramp = CUBE.centers(0, CUBE.size)[:, 0].reshape(CUBE.shape)
    (half,) = shells(ramp, CUBE, [0.001], ColorScale("x", -0.1, 0.1, falling=True))
    solid = trimesh.Trimesh(half.vertices, half.faces)
    side = 0.2 + CUBE.cell_m  # it ends within a cell beyond the outermost centres
    assert solid.is_watertight and 0.5 * 0.2**3 < solid.volume < (0.1 + CUBE.cell_m) * side * side


def test_levels_that_nothing_or_everything_reaches_give_no_shell() -> None:
    values = np.zeros(CUBE.shape)
    assert shells(values, CUBE, [-1.0, 1.0], ColorScale("x", -2, 2, falling=True)) == ()


MEMORY = """
import resource, sys
import numpy as np, torch
from sparsedff.field import build_field
from sparsedff.visualize.volume import Grid, sample
rng = np.random.default_rng(0)
field = build_field(torch.tensor(rng.normal(size=(3000, 3)), dtype=torch.float32), torch.ones(3000, 64))
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
sample(field, Grid(np.zeros(3), 0.1, (20, 20, 20)), lambda f: f[:, 0])
before = peak()
sample(field, Grid(np.zeros(3), 0.1, (60, 60, 60)), lambda f: f[:, 0])
print(peak() - before)
"""


def test_memory_does_not_grow_with_the_grid_times_the_points() -> None:
    """27 times the cells: distances would take 2.6 GB more, the features alone 55 MB."""
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True, timeout=300)
    assert float(done.stdout) < 20
