"""Surface points: shared out by area and emphasis, on the meshes, evenly spread, the same for the same seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from sparsedff.errors import HandError
from sparsedff.hands.base import LinkMesh
from sparsedff.hands.surface import SurfacePoints, apportion, farthest_points
from sparsedff.hands.surface import sample_surface as sample
from tests.support.hand_oracle import load_shadow_model

MESHES = load_shadow_model().meshes
TIPS, MIDDLES = ([mesh.link for mesh in MESHES if mesh.link.endswith(word)] for word in ("distal", "middle"))
AREAS = {mesh.link: trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).area for mesh in MESHES}


def sample_surface(meshes: Sequence[LinkMesh], count: int, emphasis: float, seed: int = 0) -> SurfacePoints:
    return sample(meshes, count, emphasis, seed, TIPS, MIDDLES)


def counts_of(links: tuple[str, ...]) -> dict[str, int]:
    return {mesh.link: links.count(mesh.link) for mesh in MESHES}


@pytest.mark.parametrize(("emphasis", "distal", "middle"), [(4.0, 4.0, 3.2), (1.0, 1.0, 1.0), (2.0, 2.0, 1.6)])
def test_counts_follow_area_and_emphasis(emphasis: float, distal: float, middle: float) -> None:
    count = 500
    counts = counts_of(sample_surface(MESHES, count, emphasis).links)
    factor = {link: distal if link.endswith("distal") else middle if "middle" in link else 1.0 for link in AREAS}
    weighted = {link: area * factor[link] for link, area in AREAS.items()}
    # One point each, the others by weight; none is more than one off its exact share.
    for link, weight in weighted.items():
        exact = 1 + (count - len(AREAS)) * weight / sum(weighted.values())
        assert abs(counts[link] - exact) < 1, link
    assert sum(counts.values()) == count


def test_the_published_emphasis_makes_tips_four_times_as_dense() -> None:
    counts = counts_of(sample_surface(MESHES, 5000, 4.0).links)
    density = {link: counts[link] / area for link, area in AREAS.items()}
    for finger in ("ff", "mf", "rf", "lf", "th"):
        tip, base = density[f"robot0:{finger}distal"], density[f"robot0:{finger}proximal"]
        assert tip / base == pytest.approx(4, rel=0.05)
        assert density[f"robot0:{finger}middle"] / base == pytest.approx(3.2, rel=0.05)


@pytest.mark.parametrize("count", [21, 100, 500])
def test_points_lie_on_their_links_meshes(count: int) -> None:
    surface = sample_surface(MESHES, count, 4.0)
    assert len(surface.links) == len(surface.points_link) == count and set(surface.links) == set(AREAS)
    for mesh in MESHES:
        mine = surface.points_link[[link == mesh.link for link in surface.links]]
        triangles = 1000 * mesh.vertices[mesh.faces]  # in mm: trimesh takes what is below 1e-8 for zero
        for point in 1000 * mine[:10]:
            nearest = trimesh.triangles.closest_point(triangles, np.broadcast_to(point, (len(triangles), 3)))
            assert np.linalg.norm(nearest - point, axis=1).min() < 1e-6


def test_points_are_spread_evenly() -> None:
    """No two points of a link are much nearer than the link's area says, and no part of a link is left out."""
    surface = sample_surface(MESHES, 800, 4.0)
    for mesh in MESHES:
        mine = surface.points_link[[link == mesh.link for link in surface.links]]
        if len(mine) < 10:
            continue
        pitch = np.sqrt(AREAS[mesh.link] / len(mine))
        assert cKDTree(mine).query(mine, k=2)[0][:, 1].min() > 0.5 * pitch
        dense, _ = trimesh.sample.sample_surface(trimesh.Trimesh(mesh.vertices, mesh.faces), 2000, seed=1)
        assert cKDTree(mine).query(dense)[0].max() < 2.5 * pitch


def test_deterministic_in_the_seed() -> None:
    first, again, other = (sample_surface(MESHES, 200, 4.0, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.points_link, again.points_link)
    assert first.links == again.links == other.links and (first.points_link != other.points_link).any()


def test_fewer_points_than_links_are_refused() -> None:
    with pytest.raises(HandError, match=r"^hand_model\.pt_nums must be at least 21, one point a link; got 20$"):
        sample_surface(MESHES, 20, 4.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=30), st.integers(0, 500))
def test_apportion_shares_everything_fairly(weights: list[float], spare: int) -> None:
    named = {str(index): weight for index, weight in enumerate(weights)}
    count = len(weights) + spare
    shares = apportion(named, count)
    assert sum(shares.values()) == count and min(shares.values()) >= 1
    remainder: dict[bool, list[float]] = {True: [], False: []}  # of those rounded up, and of those rounded down
    for key, weight in named.items():
        exact = spare * weight / sum(weights)
        assert abs(shares[key] - 1 - exact) < 1 + 1e-9
        remainder[shares[key] - 1 > exact].append(exact - int(exact))
    assert min(remainder[True], default=1) >= max(remainder[False], default=0) - 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 80), st.integers(0, 2**32), st.data())
def test_each_point_is_the_farthest_from_those_before(number: int, seed: int, data: st.DataObject) -> None:
    points = np.random.default_rng(seed).normal(size=(number, 3))
    count = data.draw(st.integers(1, number))
    chosen = farthest_points(points, count)
    assert len(set(chosen.tolist())) == count
    assert chosen[0] == np.linalg.norm(points - points.mean(axis=0), axis=1).argmax()
    radii = []
    for index in range(1, count):
        gap = np.linalg.norm(points[:, None] - points[chosen[:index]], axis=2).min(axis=1)
        assert gap[chosen[index]] == pytest.approx(gap.max())
        radii.append(gap.max())
    assert (np.diff(radii) <= 1e-12).all()


def test_a_square_is_covered() -> None:
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    square = LinkMesh("square", corners, np.array([[0, 1, 2], [0, 2, 3]]))
    points = sample_surface([square], 4, 1.0).points_link
    assert cKDTree(points).query(corners)[0].max() < 0.25 and points[:, 2].max() == 0
