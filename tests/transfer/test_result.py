"""The execution path: thinned by the palm's motion, ends where the hand ends."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsedff.hands.pose import HandPose
from sparsedff.transfer.result import thin_path


def path_through(*translations: tuple[float, float, float]) -> tuple[HandPose, ...]:
    return tuple(HandPose(np.array(t), np.eye(3), np.full(22, 0.01 * i)) for i, t in enumerate(translations))


def places_in(path: tuple[HandPose, ...], kept: tuple[HandPose, ...]) -> list[int]:
    """Which poses of the path, the very same objects, were kept."""
    return [next(i for i, pose in enumerate(path) if pose is one) for one in kept]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60), st.floats(0.001, 0.03))
def test_a_thinned_path(seed: int, length: int, spacing: float) -> None:
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(scale=rng.uniform(0.0005, 0.01), size=(length, 3)), axis=0)
    path = path_through(*map(tuple, walk))
    kept = thin_path(path, spacing)
    index = places_in(path, kept)
    assert index[0] == 0 and index[-1] == length - 1
    assert all(later > earlier for earlier, later in itertools.pairwise(index))
    for earlier, later in itertools.pairwise(index):
        moved = np.linalg.norm(walk[earlier + 1 : later] - walk[earlier], axis=1)
        assert (moved < spacing).all()  # nothing left out was far from the last one kept
        if later != length - 1:
            assert np.linalg.norm(walk[later] - walk[earlier]) >= spacing


def test_by_hand() -> None:
    line = path_through(*[(0.004 * i, 0, 0) for i in range(8)])
    assert places_in(line, thin_path(line)) == [0, 3, 6, 7]
    still = path_through((0, 0, 0), (0, 0, 0), (0, 0, 0))
    assert places_in(still, thin_path(still)) == [0, 2]
    assert places_in(line, thin_path(line[:1])) == [0]
    assert places_in(line, thin_path(line, 0.0)) == list(range(8))


def test_the_default_is_a_centimetre() -> None:
    line = path_through(*[(0.001 * i, 0, 0) for i in range(101)])
    assert len(thin_path(line)) == pytest.approx(11, abs=1)
