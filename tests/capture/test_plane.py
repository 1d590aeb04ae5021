"""The plane of most points: found under outliers, only where it is admitted, never out of nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsedff.capture.plane import PlaneSearch, fit_plane

SEARCH = PlaneSearch(tolerance_m=0.004, tries=200, refits=20)


def two_planes(rng: np.random.Generator) -> np.ndarray:
    """700 points near z = 0 and 300 near z = 0.3 [m]."""
    points = np.column_stack([rng.uniform(-0.5, 0.5, (1000, 2)), 0.001 * rng.standard_normal(1000)])
    points[700:, 2] += 0.3
    return points


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_plane_of_most_points_is_found_in_any_pose(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    shift = rng.uniform(-1, 1, 3)
    plane = fit_plane(two_planes(rng) @ turn.T + shift, SEARCH, rng)
    assert plane is not None
    sign = np.sign(plane.normal @ turn[:, 2])
    assert sign * plane.normal @ turn[:, 2] > np.cos(np.radians(0.2))
    assert sign * plane.offset == pytest.approx(float(shift @ turn[:, 2]), abs=0.003)
    assert plane.inliers[:700].mean() > 0.99 and not plane.inliers[700:].any()
    assert 0.0005 < plane.rms_m < 0.0015


def test_only_admitted_planes_are_chosen() -> None:
    rng = np.random.default_rng(0)
    points = two_planes(rng)
    plane = fit_plane(points, SEARCH, rng, lambda normals, offsets: np.abs(np.abs(offsets) - 0.3) < 0.02)
    assert plane is not None and abs(plane.offset) == pytest.approx(0.3, abs=0.002)
    assert fit_plane(points, SEARCH, rng, lambda normals, offsets: np.zeros(len(offsets), dtype=bool)) is None


def test_points_on_a_line_hold_no_plane() -> None:
    line = np.linspace(0, 1, 100)[:, None] * np.array([1.0, 2.0, 3.0])
    assert fit_plane(line, SEARCH, np.random.default_rng(0)) is None


def test_thinned_counting_finds_the_same_plane_and_marks_all_points() -> None:
    points = two_planes(np.random.default_rng(3))
    points = points[np.random.default_rng(4).permutation(len(points))]
    whole = fit_plane(points, SEARCH, np.random.default_rng(5))
    thinned = fit_plane(points, PlaneSearch(0.004, 200, 20, counted=100), np.random.default_rng(5))
    assert whole is not None and thinned is not None and len(thinned.inliers) == len(points)
    np.testing.assert_allclose(abs(whole.normal @ thinned.normal), 1, atol=1e-5)
