"""Rigid alignment: any motion is recovered, wrong features are survived, matches are those of brute force."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.transfer.align import _nearest, align_by_features


def test_alignment_by_features_survives_a_third_of_wrong_features() -> None:
    rng = np.random.default_rng(0)
    points, features = rng.uniform(-0.1, 0.1, (300, 3)), rng.normal(size=(300, 8))
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])
    wrong = features.copy()
    wrong[:100] = wrong[rng.permutation(100)]
    colors, views = np.zeros((300, 3), np.uint8), np.zeros(300, np.int64)
    a = FeatureCloud(points.astype(np.float32), colors, features.astype(np.float32), views)
    b = FeatureCloud((points @ turn.T + 0.05).astype(np.float32), colors, wrong.astype(np.float32), views)
    found = align_by_features(a, b, rng)
    assert np.allclose(found[:3, :3], turn, atol=1e-3) and np.allclose(found[:3, 3], 0.05, atol=1e-3)


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 40), st.integers(1, 9))
def test_nearest_is_brute_force_in_chunks_of_any_size(seed: int, count_a: int, count_b: int, chunk: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (rng.normal(size=(count, 5)).astype(np.float32) for count in (count_a, count_b))
    distance = cdist(a, b)
    forward, backward = _nearest(a, b, chunk)
    np.testing.assert_array_equal(forward, distance.argmin(axis=1))
    np.testing.assert_array_equal(backward, distance.argmin(axis=0))
