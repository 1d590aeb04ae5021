"""Coherent point drift on clouds that are bent by a known amount."""

from __future__ import annotations

import numpy as np

from sparsedff.distill.cloud import FeatureCloud
from sparsedff.geometry import apply, rigid_fit
from sparsedff.transfer.nonrigid import align_nonrigid
from tests.support.transfer_toys import planar


def slab(rng: np.random.Generator, count: int = 500) -> np.ndarray:
    """Points on a slab of 20 x 6 x 2 cm."""
    return rng.uniform((-0.1, -0.03, 0.0), (0.1, 0.03, 0.02), (count, 3))


def bent(points: np.ndarray, metres: float) -> np.ndarray:
    """The slab's ends lifted by as much."""
    lifted = points.copy()
    lifted[:, 2] += metres * (points[:, 0] / 0.1) ** 2
    return lifted


def cloud(points: np.ndarray, coordinates: np.ndarray) -> FeatureCloud:
    """Features are the coordinates in the unbent slab, noisy by a few millimetres."""
    n = len(points)
    noise = np.random.default_rng(9).normal(scale=0.1, size=(n, 3))
    features = (coordinates / 0.03 + noise).astype(np.float32)
    return FeatureCloud(points.astype(np.float32), np.zeros((n, 3), np.uint8), features, np.zeros(n, np.int64))


def test_a_bent_slab_is_followed_where_a_rigid_motion_cannot() -> None:
    rng = np.random.default_rng(0)
    here, there, motion = slab(rng), slab(rng), planar(40, 0.08, -0.02)
    reference, test = cloud(here, here), cloud(apply(motion, bent(there, 0.06)), there)
    displacement = align_nonrigid(reference, test, np.random.default_rng(1))
    probe = slab(np.random.default_rng(5), 200)
    truth = apply(motion, bent(probe, 0.06))
    rigid = rigid_fit(probe, truth)
    floor = np.linalg.norm(apply(rigid, probe) - truth, axis=1).mean()
    found = np.linalg.norm(displacement(probe) - truth, axis=1).mean()
    assert floor > 0.012 and found < 0.4 * floor


def test_what_only_moved_is_moved_and_hardly_bent() -> None:
    rng = np.random.default_rng(2)
    here, there, motion = slab(rng), slab(rng), planar(-100, 0.02, 0.1)
    displacement = align_nonrigid(cloud(here, here), cloud(apply(motion, there), there), np.random.default_rng(3))
    probe = slab(np.random.default_rng(6), 200)
    assert np.linalg.norm(displacement(probe) - apply(motion, probe), axis=1).mean() < 0.004


def test_the_same_seed_gives_the_same_displacement() -> None:
    rng = np.random.default_rng(4)
    here, there = slab(rng), slab(rng)
    one, again = (
        align_nonrigid(cloud(here, here), cloud(there, there), np.random.default_rng(7))(here) for _ in range(2)
    )
    np.testing.assert_array_equal(one, again)
